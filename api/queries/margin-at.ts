import type { MarginAssessment } from '../../margin/assessment.ts';
import { feedKey, type PriceRange } from '../../margin/inputs.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { parseFixed } from '../../schema/units.ts';
import type { MarginAt, PointVolatility, Token } from './answers.ts';
import { carryOf, toCarryAnswer } from './margin-carry.ts';
import { type ExtrasRequest, extrasCaveats } from './margin-extras.ts';
import { toMarginPoint } from './margin-point.ts';
import { openStateAt } from './margin-samples.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { idOf, type PositionRef, readPositionStates } from './position-history.ts';
import { makeProvenance } from './provenance.ts';
import {
  type BlockRef,
  collateralOf,
  resolveBlock,
  type Snapshot,
  type Source,
  tokenOf,
} from './source-directory.ts';
import { readVariances, toPointVolatility } from './volatility.ts';

const METHOD = 'margin-at';
const SUPPOSED = 'Supposed prices; the state of position and market is that of the block.';

/** A price to suppose, USD per whole token as decimal text. */
export interface WhatIfPrice {
  /** Token address or symbol. */
  readonly token: string;
  readonly minPriceUsd: string;
  /** Default: the same as the minimum. */
  readonly maxPriceUsd?: string | null | undefined;
}

export interface MarginAtRequest extends ExtrasRequest {
  readonly position: PositionRef;
  readonly block?: number | null | undefined;
  readonly prices?: readonly WhatIfPrice[] | null | undefined;
}

/**
 * One position judged at a block, at the prices in force there or at supposed ones. Null when it
 * is not open then.
 * @throws UsageError when the block is outside what is indexed, a token is not one of the market,
 * or a price or parameter that the rules need is unknown.
 */
export async function marginAt(
  snapshot: Snapshot,
  request: MarginAtRequest,
): Promise<MarginAt | null> {
  const { position } = request;
  const { source, venue } = position;
  const asOf = await resolveBlock(snapshot.reader, source, request.block);
  const states = await readPositionStates(snapshot.reader, position, asOf.block);
  const state = openStateAt(states, asOf.block);
  if (!state) return null;
  const timeline = await readMarketTimeline(snapshot.reader, {
    source,
    venue,
    market: state.market,
    blocks: [asOf.block],
  });
  const market = timeline.marketAt(asOf.block);
  const supposed = request.prices ?? [];
  const prices = new Map<string, PriceRange>(timeline.pricesAt(asOf.block));
  for (const [feed, range] of supposedPrices(pricedFeeds(source, venue, timeline), supposed)) {
    prices.set(feed, range);
  }
  const input = {
    position: decodeState<unknown>(state.state),
    market: market?.state,
    parameters: timeline.parametersAt(asOf.block),
    prices,
    timestamp: asOf.timestamp,
    block: asOf.block,
  };
  const assessment = explainMissing(() => timeline.rules.assess(input));
  const carry = request.withCarry ? carryOf(timeline.rules, { input, assessment }) : null;
  const indexToken = tokenOf(source, venue, timeline.indexToken);
  const isWhatIf = supposed.length > 0;
  const judged = judgedWith(timeline.readPublishedParameters());
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: {
        position: idOf(position),
        prices: supposed,
        volatility: request.volatility,
      },
      asOf,
      fromBlock: state.opened_block,
      basis: isWhatIf || request.volatility ? 'MODELED' : judged.basis,
      method: METHOD,
      version: `2+${timeline.rules.method}${judged.suffix}`,
      coverageOf: { venue, market: state.market },
      caveats: [
        ...(isWhatIf ? [SUPPOSED] : []),
        ...judged.caveats,
        ...extrasCaveats(venue, request),
      ],
    }),
    carry: toCarryAnswer(carry, indexToken.priceDecimals),
    volatility: await volatilityAt(snapshot, request, { timeline, asOf, assessment }),
    ...toMarginPoint(
      {
        block: asOf.block,
        timestamp: asOf.timestamp,
        cause: isWhatIf ? 'WHAT_IF' : 'BLOCK',
        sizeUsd: state.size_usd,
        collateralRaw: state.collateral_raw,
        indexToken,
        collateralToken: collateralOf(source, venue, state.collateral_token),
      },
      assessment,
    ),
  };
}

async function volatilityAt(
  { reader }: Snapshot,
  { position, volatility }: MarginAtRequest,
  judged: {
    readonly timeline: MarketTimeline;
    readonly asOf: BlockRef;
    readonly assessment: MarginAssessment;
  },
): Promise<PointVolatility | null> {
  const [feed] = judged.timeline.feeds;
  if (!volatility || !feed) return null;
  const { block, timestamp } = judged.asOf;
  const varianceAt = await readVariances(reader, {
    chainId: position.source.chainId,
    feed,
    toBlock: block,
    window: volatility.window,
    instants: [timestamp],
  });
  return toPointVolatility(varianceAt(timestamp), judged.assessment.distance, volatility);
}

function explainMissing<T>(judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    throw new UsageError('The position cannot be judged at that block.', {
      facts: { reason: error.message, ...error.facts },
      remedy: 'Choose a later block, after the missing price or parameter was set.',
      cause: error,
    });
  }
}

/** A feed of the market, under the name its listing gives it. */
interface PricedFeed {
  readonly key: string;
  readonly token: Token;
  readonly decimals: number | null;
}

function pricedFeeds(source: Source, venue: string, timeline: MarketTimeline): PricedFeed[] {
  return timeline.feeds.map((feed) => ({
    key: feedKey(feed.venue, feed.token),
    token: tokenOf(source, venue, feed.token),
    decimals: timeline.decimalsOf(feed),
  }));
}

function supposedPrices(
  feeds: readonly PricedFeed[],
  supposed: readonly WhatIfPrice[],
): Map<string, PriceRange> {
  return new Map(
    supposed.map((price) => {
      const feed = findFeed(feeds, price.token);
      const min = feedPrice(price.minPriceUsd, feed);
      const max = price.maxPriceUsd ? feedPrice(price.maxPriceUsd, feed) : min;
      if (max < min) {
        throw new UsageError('A maximum price is below its minimum.', {
          facts: { token: nameOf(feed) },
        });
      }
      return [feed.key, { min, max }];
    }),
  );
}

function nameOf({ token }: PricedFeed): string {
  return token.symbol ?? token.address;
}

function findFeed(feeds: readonly PricedFeed[], wanted: string): PricedFeed {
  const feed = feeds.find(
    ({ token }) => token.address === wanted.toLowerCase() || token.symbol === wanted,
  );
  if (feed) return feed;
  throw new UsageError('That token has no price in this market.', {
    facts: { token: wanted.slice(0, 80), tokens: feeds.map(nameOf).join(', ') },
  });
}

/** USD per whole token → the feed's own integer, exactly. @throws UsageError when that is not whole. */
function feedPrice(price: string, feed: PricedFeed): bigint {
  if (feed.decimals === null) {
    throw new UsageError('The decimals of that price are unknown, so none can be supposed.', {
      facts: { token: nameOf(feed) },
    });
  }
  try {
    const value = parseFixed(price, feed.decimals);
    if (value <= 0n) throw new RangeError('a price is above 0');
    return value;
  } catch (error) {
    throw new UsageError('That is not a price in USD per whole token.', {
      facts: {
        token: nameOf(feed),
        price: price.slice(0, 80),
        reason: error instanceof Error ? error.message : String(error),
      },
    });
  }
}
