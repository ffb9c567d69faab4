import { z } from 'zod';
import type { MarginAssessment } from '../../margin/assessment.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { positionId } from '../../schema/ids.ts';
import { MAX_LATENCY_LIQUIDATIONS } from '../limits.ts';
import type { DateTime, Decimal, Provenance, Side } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import { type Breach, type BreachCause, findBreaches } from './liquidation-latency-breach.ts';
import { type BreachCase, readLives } from './liquidation-latency-cases.ts';
import { unknownCaveats } from './liquidation-mass.ts';
import { priceText, usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { NO_NATIVE_PRICE, readNativePrices, usdOfWei } from './native-price.ts';
import { type OpenPositionRow, readOpenPositionsAt } from './open-positions.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot, tokenOf } from './source-directory.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const METHOD = 'open-breaches';
const STANDING =
  'Liquidatable by the venue’s test at the end of the as-of block; since when is found going back price by price, so the breach lies after the last safe price.';
const TYPICAL =
  'What a liquidation costs is the median gas of the venue’s newest liquidating transactions at the native token’s price now; a data fee of a rollup that is not in the gas price is left out.';

const INSTEAD = 'Ask for a map with levels: LEDGER, which has a bucket of them.';

/** Liquidating transactions whose gas is typical. */
const GAS_SAMPLE = 1_000;
export const DEFAULT_STANDING_SECONDS = 300;

const gasQuery = loadQuery(
  'open-breaches-gas',
  z.object({ transactions: count, median_wei: integer }),
);

export interface OpenBreachesRequest {
  readonly market: MarketRef;
  /** Only positions that have stood liquidatable for at least so long. */
  readonly standingSeconds?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
}

export interface OpenBreach {
  readonly positionId: string;
  readonly account: string;
  readonly side: Side;
  readonly notionalUsd: Decimal;
  readonly equityUsd: Decimal;
  readonly healthFactor: number | null;
  readonly liquidationPriceUsd: Decimal | null;
  readonly breachCause: BreachCause;
  readonly lastSafeAt: DateTime | null;
  readonly breachBlock: number;
  readonly breachAt: DateTime;
  /** From the first breaching instant on the chain to the as-of block. */
  readonly standingSeconds: number;
  /** New prices since the breach. */
  readonly updates: number;
  /** What its contract would pay the sender now; null where neither logs nor parameters tell. */
  readonly senderPayUsd: Decimal | null;
  /** Less than the typical gas; null where either is unknown. */
  readonly isUnprofitable: boolean | null;
}

export interface OpenBreaches {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly standingSeconds: number;
  /** Positions open at the block that could be judged. */
  readonly openCount: number;
  /** Of them liquidatable, however long. */
  readonly liquidatableCount: number;
  /** Of `breaches`; null where pay or gas is unknown. */
  readonly unprofitableCount: number | null;
  readonly typicalGasUsd: Decimal | null;
  /** Transactions behind typicalGasUsd. */
  readonly gasSample: number;
  /** Longest standing first. */
  readonly breaches: readonly OpenBreach[];
}

/** An open position that the venue would liquidate now. */
interface Standing extends BreachCase {
  readonly row: OpenPositionRow;
  readonly assessment: MarginAssessment;
  readonly senderPayUsd: bigint | null;
}

/**
 * Positions that could be liquidated and are still open, since when, and whether anybody would be paid
 * to do it (analytics G5). @throws UsageError on an unknown market or block, or above a bound.
 */
export async function openBreaches(
  { reader }: Snapshot,
  request: OpenBreachesRequest,
): Promise<OpenBreaches> {
  const { market } = request;
  const standingSeconds = request.standingSeconds ?? DEFAULT_STANDING_SECONDS;
  if (standingSeconds < 0) {
    throw new UsageError('standingSeconds must not be below 0.', { facts: { standingSeconds } });
  }
  const asOf = await resolveBlock(reader, market.source, request.atBlock);
  const [timeline, gas] = await Promise.all([
    readMarketTimeline(reader, { ...market, blocks: [asOf.block] }),
    typicalGas(reader, market, asOf.block),
  ]);
  const judged = await judgeOpen(reader, market, timeline, asOf);
  const report = await findBreaches(reader, market, judged.liquidatable);
  const breaches = report.breaches
    .filter(({ breach }) => asOf.timestamp - breach.timestamp >= standingSeconds)
    .map((breach) => toOpenBreach(market, timeline, { breach, asOf, gasUsd: gas.usd }))
    .sort(
      (a, b) => b.standingSeconds - a.standingSeconds || (a.positionId < b.positionId ? -1 : 1),
    );
  const given = judgedWith(timeline.readPublishedParameters() || report.readPublishedParameters);
  return {
    provenance: makeProvenance({
      source: market.source,
      query: METHOD,
      parameters: { market: idOfMarket(market), standingSeconds },
      asOf,
      basis: given.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${given.suffix}`,
      coverageOf: market,
      caveats: [
        STANDING,
        TYPICAL,
        ...(gas.isPriced ? [] : [NO_NATIVE_PRICE]),
        ...given.caveats,
        ...unknownCaveats(judged.unknown),
        ...unknownCaveats(report.unknown),
      ],
    }),
    marketId: idOfMarket(market),
    marketSymbol: marketSymbol(market.source, market.venue, market.market, timeline.indexToken),
    standingSeconds,
    openCount: judged.openCount,
    liquidatableCount: judged.liquidatable.length,
    unprofitableCount: breaches.some(({ isUnprofitable }) => isUnprofitable === null)
      ? null
      : breaches.filter(({ isUnprofitable }) => isUnprofitable).length,
    typicalGasUsd: gas.usd === null ? null : usdText(gas.usd),
    gasSample: gas.transactions,
    breaches,
  };
}

async function typicalGas(
  reader: Reader,
  { source, venue }: MarketRef,
  block: number,
): Promise<{ transactions: number; usd: bigint | null; isPriced: boolean }> {
  const [[found], prices] = await Promise.all([
    gasQuery.run(reader, { chainId: source.chainId, venue, block, most: GAS_SAMPLE }),
    readNativePrices(reader, source, [block]),
  ]);
  const price = prices?.(block) ?? null;
  const transactions = found?.transactions ?? 0;
  const isKnown = found !== undefined && transactions > 0 && price !== null;
  return {
    transactions,
    usd: isKnown ? usdOfWei(found.median_wei, price) : null,
    isPriced: price !== null,
  };
}

async function judgeOpen(
  reader: Reader,
  market: MarketRef,
  timeline: MarketTimeline,
  asOf: BlockRef,
): Promise<{
  readonly openCount: number;
  readonly liquidatable: Standing[];
  readonly unknown: ReadonlyMap<string, number>;
}> {
  const { source, venue, market: key } = market;
  const of = { chainId: source.chainId, venue, market: key };
  const rows = await readOpenPositionsAt(reader, {
    market,
    block: asOf.block,
    remedy: INSTEAD,
  });
  const unknown = new Map<string, number>();
  const found: Pick<Standing, 'row' | 'assessment' | 'senderPayUsd'>[] = [];
  let openCount = 0;
  const pause = new CooperativePause();
  for (const row of rows) {
    await pause.breathe();
    const input = {
      position: decodeState<unknown>(row.state),
      market: timeline.marketAt(asOf.block)?.state,
      parameters: timeline.parametersAt(asOf.block),
      prices: timeline.pricesAt(asOf.block),
      timestamp: asOf.timestamp,
      block: asOf.block,
    };
    try {
      const assessment = timeline.rules.assess(input);
      openCount += 1;
      if (!assessment.isLiquidatable) continue;
      found.push({ row, assessment, senderPayUsd: timeline.rules.senderPayUsd?.(input) ?? null });
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    }
  }
  if (found.length > MAX_LATENCY_LIQUIDATIONS) {
    throw new UsageError('That market has too many liquidatable positions to look back for each.', {
      facts: { positions: found.length, limit: MAX_LATENCY_LIQUIDATIONS },
      remedy: INSTEAD,
    });
  }
  const keys = found.map(({ row }) => row.position_key);
  const lives = await readLives(reader, { ...of, toBlock: asOf.block, keys });
  const at = { block: asOf.block, logIndex: Number.MAX_SAFE_INTEGER, timestamp: asOf.timestamp };
  const liquidatable = found.flatMap((one) => {
    const [first, ...rest] = lives(one.row.position_key, one.row.life);
    if (!first) return [];
    return [{ ...one, at, anchor: at, isAtBlockEnd: true, states: [first, ...rest] as const }];
  });
  return { openCount, liquidatable, unknown };
}

function toOpenBreach(
  { source, venue }: MarketRef,
  timeline: MarketTimeline,
  of: {
    readonly breach: Breach<Standing>;
    readonly asOf: BlockRef;
    readonly gasUsd: bigint | null;
  },
): OpenBreach {
  const { found, safe, breach, cause, updates } = of.breach;
  const { row, assessment, senderPayUsd } = found;
  const { priceDecimals } = tokenOf(source, venue, timeline.indexToken);
  const level = assessment.liquidationPrice;
  return {
    positionId: positionId(source.chainId, venue, row.position_key),
    account: row.account,
    side: row.is_long ? 'LONG' : 'SHORT',
    notionalUsd: usdText(assessment.notionalUsd),
    equityUsd: usdText(assessment.equityUsd),
    healthFactor: assessment.healthFactor,
    liquidationPriceUsd: level === null ? null : priceText(level, priceDecimals),
    breachCause: cause,
    lastSafeAt: safe ? isoTime(safe.timestamp) : null,
    breachBlock: breach.block,
    breachAt: isoTime(breach.timestamp),
    standingSeconds: of.asOf.timestamp - breach.timestamp,
    updates,
    senderPayUsd: senderPayUsd === null ? null : usdText(senderPayUsd),
    isUnprofitable: senderPayUsd === null || of.gasUsd === null ? null : senderPayUsd < of.gasUsd,
  };
}
