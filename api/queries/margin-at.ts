import type { PriceRange } from '../../margin/inputs.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { parseFixed, powerOfTen, USD_DECIMALS } from '../../schema/units.ts';
import type { MarginAt, Token } from './answers.ts';
import { toMarginPoint } from './margin-point.ts';
import { openStateAt } from './margin-samples.ts';
import { readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { idOf, type PositionRef, readPositionStates } from './position-history.ts';
import { makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot, type Source, tokenOf } from './source-directory.ts';

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

export interface MarginAtRequest {
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
  for (const [token, range] of supposedPrices(source, timeline.tokens, supposed)) {
    prices.set(token, range);
  }
  const assessment = explainMissing(() =>
    timeline.rules.assess({
      position: decodeState<unknown>(state.state),
      market: market?.state,
      parameters: timeline.parametersAt(asOf.block),
      prices,
      timestamp: asOf.timestamp,
    }),
  );
  const isWhatIf = supposed.length > 0;
  const judged = judgedWith(timeline.readPublishedParameters());
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { position: idOf(position), prices: supposed },
      asOf,
      fromBlock: state.opened_block,
      basis: isWhatIf ? 'MODELED' : judged.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${judged.suffix}`,
      caveats: isWhatIf ? [SUPPOSED, ...judged.caveats] : judged.caveats,
    }),
    ...toMarginPoint(
      {
        block: asOf.block,
        timestamp: asOf.timestamp,
        cause: isWhatIf ? 'WHAT_IF' : 'BLOCK',
        sizeUsd: state.size_usd,
        collateralRaw: state.collateral_raw,
        indexToken: tokenOf(source, timeline.indexToken),
        collateralToken: tokenOf(source, state.collateral_token),
      },
      assessment,
    ),
  };
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

function supposedPrices(
  source: Source,
  tokens: readonly string[],
  supposed: readonly WhatIfPrice[],
): Map<string, PriceRange> {
  const known = tokens.map((address) => tokenOf(source, address));
  return new Map(
    supposed.map((price) => {
      const token = findToken(known, price.token);
      const min = perUnit(price.minPriceUsd, token);
      const max = price.maxPriceUsd ? perUnit(price.maxPriceUsd, token) : min;
      if (max < min) {
        throw new UsageError('A maximum price is below its minimum.', {
          facts: { token: token.symbol ?? token.address },
        });
      }
      return [token.address, { min, max }];
    }),
  );
}

function findToken(tokens: readonly Token[], wanted: string): Token {
  const token = tokens.find(
    ({ address, symbol }) => address === wanted.toLowerCase() || symbol === wanted,
  );
  if (token) return token;
  throw new UsageError('That token has no price in this market.', {
    facts: {
      token: wanted.slice(0, 80),
      tokens: tokens.map(({ symbol, address }) => symbol ?? address).join(', '),
    },
  });
}

/** USD per whole token → USD 1e30 per base unit, exactly. @throws UsageError when that is not whole. */
function perUnit(price: string, token: Token): bigint {
  if (token.decimals === null) {
    throw new UsageError('The decimals of that token are unknown, so a price cannot be supposed.', {
      facts: { token: token.address },
    });
  }
  try {
    const value = parseFixed(price, USD_DECIMALS);
    const scale = powerOfTen(token.decimals);
    if (value <= 0n) throw new RangeError('a price is above 0');
    if (value % scale !== 0n) {
      throw new RangeError(`at most ${USD_DECIMALS - token.decimals} decimals for this token`);
    }
    return value / scale;
  } catch (error) {
    throw new UsageError('That is not a price in USD per whole token.', {
      facts: {
        token: token.symbol ?? token.address,
        price: price.slice(0, 80),
        reason: error instanceof Error ? error.message : String(error),
      },
    });
  }
}
