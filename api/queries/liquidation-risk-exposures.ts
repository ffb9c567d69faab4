import type { MarginAssessment } from '../../margin/assessment.ts';
import { larger } from '../../margin/fixed-point.ts';
import { feedKey, type Prices } from '../../margin/inputs.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { notionalUsd } from '../../schema/units.ts';
import type { Side } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import { unknownCaveats } from './liquidation-mass.ts';
import type { IndexToken, MarketRef } from './market-ref.ts';
import type { MarketTimeline } from './market-timeline.ts';
import { type OpenPositionRow, readOpenPositionsAt } from './open-positions.ts';
import type { BlockRef } from './source-directory.ts';
import type { Reader } from './stored-query.ts';

/** What a position is liquidated at, and what it may owe beyond. */
export interface Exposure {
  readonly positionKey: string;
  readonly account: string;
  readonly side: Side;
  /** Entry notional as the venue counts it, USD 1e30: what its size class goes by. */
  readonly sizeUsd: bigint;
  /** side × ln(price ÷ liquidation price); 0 where it is liquidatable as it stands. */
  readonly distance: number;
  /** With the decimals of the index feed; null where only the present state liquidates it. */
  readonly liquidationPrice: bigint | null;
  /** Size at the liquidation price, USD 1e30. */
  readonly notionalUsd: bigint;
  readonly isLiquidatable: boolean;
  /** Equity and the loss of it where the price stands at the liquidation price; null where nothing was judged. */
  readonly atLevel: (() => EquityAtLevel) | null;
}

/** USD 1e30. */
export interface EquityAtLevel {
  readonly equityUsd: bigint;
  /** What equity would lose while the price loses (for shorts: gains) all of itself. */
  readonly slopeUsd: bigint;
}

export interface Exposures {
  /** By position key. */
  readonly placed: readonly Exposure[];
  /** Open positions that no price liquidates. */
  readonly unplaced: readonly { readonly notionalUsd: bigint }[];
  /** What is known of positions that are left out. */
  readonly caveats: readonly string[];
}

/**
 * Every open position of a market judged at one block, as `marginAt` does. @throws UsageError above
 * MAX_ASSESSMENTS positions.
 */
export async function readExposures(
  reader: Reader,
  request: {
    readonly market: MarketRef;
    readonly side: Side | null;
    readonly asOf: BlockRef;
    readonly timeline: MarketTimeline;
    readonly indexToken: IndexToken;
  },
): Promise<Exposures> {
  const { market, side, asOf, timeline, indexToken } = request;
  const rows = await readOpenPositionsAt(reader, {
    market,
    block: asOf.block,
    side,
    remedy: 'Ask for one side, or with levels: LEDGER.',
  });
  const pause = new CooperativePause();
  const placed: Exposure[] = [];
  const unplaced: { readonly notionalUsd: bigint }[] = [];
  const unknown = new Map<string, number>();
  for (const row of rows) {
    await pause.breathe();
    const assess = assessmentOf(timeline, decodeState<unknown>(row.state), asOf);
    try {
      const assessment = assess();
      const exposure = exposureOf(row, assessment, indexToken, (price) =>
        assess(pricesWithIndex(timeline, asOf.block, price)),
      );
      if (exposure) placed.push(exposure);
      else unplaced.push(assessment);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    }
  }
  return { placed, unplaced, caveats: unknownCaveats(unknown) };
}

function assessmentOf(
  timeline: MarketTimeline,
  position: unknown,
  { block, timestamp }: BlockRef,
): (prices?: Prices) => MarginAssessment {
  return (prices = timeline.pricesAt(block)) =>
    timeline.rules.assess({
      position,
      market: timeline.marketAt(block)?.state,
      parameters: timeline.parametersAt(block),
      prices,
      timestamp,
      block,
    });
}

/** Prices in force, the index feed at another one: a collateral that is the index token moves with it. */
function pricesWithIndex(timeline: MarketTimeline, block: number, price: bigint): Prices {
  const [index] = timeline.feeds;
  const prices = new Map(timeline.pricesAt(block));
  if (index) prices.set(feedKey(index.venue, index.token), { min: price, max: price });
  return prices;
}

/** Part of the level by which the price is moved to see what equity loses: 1 ÷ 1,000. */
const PROBE = 1_000n;

/** Null where no price liquidates the position. */
function exposureOf(
  row: OpenPositionRow,
  assessment: MarginAssessment,
  { decimals, priceDecimals }: IndexToken,
  assessAt: (price: bigint) => MarginAssessment,
): Exposure | null {
  const { isLiquidatable, distance, liquidationPrice: level } = assessment;
  if (!isLiquidatable && (level === null || distance === null)) return null;
  const sign = row.is_long ? 1n : -1n;
  return {
    positionKey: row.position_key,
    account: row.account,
    side: row.is_long ? 'LONG' : 'SHORT',
    sizeUsd: row.size_usd,
    distance: isLiquidatable ? 0 : Math.max(0, distance ?? 0),
    liquidationPrice: level,
    notionalUsd:
      level === null
        ? assessment.notionalUsd
        : notionalUsd(row.size_base, decimals, level, priceDecimals),
    isLiquidatable,
    atLevel: () => {
      if (isLiquidatable || level === null)
        return { equityUsd: assessment.equityUsd, slopeUsd: 0n };
      const step = larger(1n, level / PROBE);
      const at = assessAt(level).equityUsd;
      const beyond = assessAt(level - sign * step).equityUsd;
      return { equityUsd: at, slopeUsd: ((at - beyond) * level) / step };
    },
  };
}
