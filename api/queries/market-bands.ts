import { feedKey } from '../../margin/inputs.ts';
import { type MarginSpread, marginSpread, type SpreadShare } from '../../margin/margin-spread.ts';
import { UsageError } from '../../schema/errors.ts';
import { positionId } from '../../schema/ids.ts';
import { MAX_DEFAULT_JUDGEMENTS } from '../limits.ts';
import type { Bucket, Side } from './answers.ts';
import {
  type ColumnEnd,
  planTimeGrid,
  readColumnEnds,
  readPriceBars,
  type TimeGrid,
} from './heatmap-columns.ts';
import { countJudgements } from './liquidation-ledger.ts';
import type { LevelSource } from './liquidation-map-answers.ts';
import { mayHaveReadPublished } from './liquidation-map-levels.ts';
import { priceText, usdText } from './margin-point.ts';
import type { MarginBandColumn, MarketMarginBands } from './market-bands-answers.ts';
import { type ColumnSpreads, judgeColumns, type SpreadAt } from './market-bands-judged.ts';
import { readHourlySpreads } from './market-bands-ledger.ts';
import { marketSymbol } from './market-names.ts';
import { type IndexToken, idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot } from './source-directory.ts';
import type { Reader } from './stored-query.ts';

const METHOD = 'market-margin-bands';
const NOTE =
  'Quantiles are values of positions (inverse of the distribution), over those that have the ratio; a ' +
  'position without one is in the totals only.';
const LEDGER_NOTE =
  'levels LEDGER: a column shows what stood at the last full hour before its end (blockNumber, blockTime), also where that ' +
  'lies before the column, as no block with an event followed; closePriceUsd is of its end.';
/** How often the ledger keeps a spread. */
const HOUR_SECONDS = 3_600;

export interface MarketBandsRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: from the first price of the market to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  readonly columns?: number | null | undefined;
  readonly side?: Side | null | undefined;
  /** Default: JUDGED while that costs few judgements or the step is shorter than an hour, else LEDGER. */
  readonly levels?: LevelSource | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/**
 * How the margins of all open positions of a market are spread through time. JUDGED: every position judged by the rules of
 * its venue at the last block of each column, as `marginAt` would. LEDGER: the spreads that indexing kept at full hours.
 * @throws UsageError above MAX_ASSESSMENTS, where the window is empty or has too many columns, or where columns are
 * shorter than the hours of the ledger.
 */
export async function marketMarginBands(
  snapshot: Snapshot,
  request: MarketBandsRequest,
): Promise<MarketMarginBands> {
  const { reader } = snapshot;
  const { market: ref, side = null } = request;
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const newest = await readMarketTimeline(reader, { ...ref, blocks: [asOf.block] });
  const token = pricedIndexToken(ref, newest.indexToken);
  const [index] = newest.feeds;
  const feed = index ? feedKey(index.venue, index.token) : '';
  const { grid, ends, levels } = await planColumns(reader, request, { feed, asOf });
  const decimals = index ? newest.decimalsOf(index) : null;
  const [bars, known] = await Promise.all([
    readPriceBars(reader, { market: ref, feed, decimals, grid, toBlock: asOf.block }),
    levels === 'JUDGED'
      ? judgeColumns(reader, ref, side, ends)
      : readLedger(reader, { ref, side, ends, newest }),
  ]);
  const given = judgedWith(known.readPublishedParameters);
  const first = known.spreads.find((one) => one !== null);
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), ...grid, side, levels },
      asOf,
      fromBlock: first?.block ?? ref.source.firstBlock,
      basis: given.basis,
      method: METHOD,
      version: `2+${levels.toLowerCase()}+${newest.rules.method}${given.suffix}`,
      coverageOf: ref,
      caveats: [NOTE, ...given.caveats, ...known.caveats],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, token.address),
    side,
    levels,
    columns: ends.map((end, at) => ({
      column: end.column,
      fromTime: isoTime(end.fromTime),
      toTime: isoTime(end.toTime),
      closePriceUsd: bars[at]?.closePriceUsd ?? null,
      ...columnSpread(ref, token, known.spreads[at] ?? null),
    })),
  };
}

interface ColumnPlan {
  readonly grid: TimeGrid;
  readonly ends: readonly ColumnEnd[];
  readonly levels: LevelSource;
}

/**
 * Columns, and where what they show is from. Where only a number of columns was asked for and judging them all would
 * cost too much, columns are at least the hours of the ledger.
 * @throws UsageError where the ledger is asked for columns that are shorter.
 */
async function planColumns(
  reader: Reader,
  request: MarketBandsRequest,
  { feed, asOf }: { readonly feed: string; readonly asOf: BlockRef },
): Promise<ColumnPlan> {
  const { market: ref, side = null, levels: asked = null } = request;
  const plan = async (stepSeconds: number | null) => {
    const grid = await planTimeGrid(reader, { ...request, stepSeconds, feed, asOf });
    return { grid, ends: await readColumnEnds(reader, ref, grid, asOf) };
  };
  const step = request.stepSeconds ?? null;
  const wanted = await plan(step);
  const isTooFine = wanted.grid.stepSeconds < HOUR_SECONDS;
  if (asked === 'LEDGER' && isTooFine) {
    throw new UsageError(
      'The ledger keeps the spread of margins once an hour: columns are shorter.',
      {
        facts: { stepSeconds: wanted.grid.stepSeconds, least: HOUR_SECONDS },
        remedy: 'Give a step of an hour or more, or levels: JUDGED.',
      },
    );
  }
  if (asked !== null) return { ...wanted, levels: asked };
  if (isTooFine && step !== null) return { ...wanted, levels: 'JUDGED' };
  const blocks = wanted.ends.flatMap(({ block }) => (block ? [block.block] : []));
  const scope = { ref, filter: { side }, measure: 'COUNT' as const, toBlock: asOf.block };
  const judgements = await countJudgements(reader, scope, blocks);
  if (judgements <= MAX_DEFAULT_JUDGEMENTS) return { ...wanted, levels: 'JUDGED' };
  return { ...(isTooFine ? await plan(HOUR_SECONDS) : wanted), levels: 'LEDGER' };
}

async function readLedger(
  reader: Reader,
  request: {
    readonly ref: MarketRef;
    readonly side: Side | null;
    readonly ends: readonly ColumnEnd[];
    readonly newest: MarketTimeline;
  },
): Promise<ColumnSpreads> {
  const { ref, side, ends, newest } = request;
  const spreads = await readHourlySpreads(reader, { ref, side, ends });
  const blocks = spreads.flatMap((one) => one?.block ?? []);
  const unjudged = spreads.reduce((sum, one) => sum + (one?.spread.unjudged ?? 0), 0);
  return {
    spreads,
    caveats: [
      LEDGER_NOTE,
      ...(unjudged === 0
        ? []
        : [
            `${unjudged} judgements left out: a price or parameter that their rules need was missing.`,
          ]),
    ],
    readPublishedParameters: mayHaveReadPublished(newest, [...new Set(blocks)]),
  };
}

type ColumnSpread = Omit<MarginBandColumn, 'column' | 'fromTime' | 'toTime' | 'closePriceUsd'>;

const EMPTY = marginSpread([], 0);

function columnSpread(ref: MarketRef, token: IndexToken, at: SpreadAt | null): ColumnSpread {
  const spread = at?.spread ?? EMPTY;
  return {
    blockNumber: at?.block ?? null,
    blockTime: at === null ? null : isoTime(at.timestamp),
    open: toBucket(spread.open),
    unjudged: spread.unjudged,
    liquidatable: toBucket(spread.liquidatable),
    marginRatio: spread.marginRatio,
    healthFactor: spread.healthFactor,
    under: spread.under.map((share) => ({ health: share.health, ...toBucket(share) })),
    closest: toClosest(ref, token, spread),
  };
}

function toBucket({ notionalUsd, count }: SpreadShare): Bucket {
  return { valueUsd: usdText(notionalUsd), count };
}

function toClosest(
  ref: MarketRef,
  { priceDecimals }: IndexToken,
  { closest }: MarginSpread,
): MarginBandColumn['closest'] {
  if (closest === null) return null;
  const level = closest.liquidationPrice;
  return {
    positionId: positionId(ref.source.chainId, ref.venue, closest.positionKey),
    side: closest.isLong ? 'LONG' : 'SHORT',
    healthFactor: closest.healthFactor,
    marginRatio: closest.marginRatio,
    notionalUsd: usdText(closest.notionalUsd),
    liquidationPrice: level === null ? null : priceText(level, priceDecimals),
  };
}
