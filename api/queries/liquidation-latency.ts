import { feedKey } from '../../margin/inputs.ts';
import { eventId, positionId } from '../../schema/ids.ts';
import type { DateTime, Decimal, Provenance, Side } from './answers.ts';
import { type BreachCause, findBreaches } from './liquidation-latency-breach.ts';
import { readCases } from './liquidation-latency-cases.ts';
import { type MeasuredBreach, measure } from './liquidation-latency-measure.ts';
import {
  type DelayStat,
  type OvershootSummary,
  summarizeOvershoots,
  toDelayStat,
} from './liquidation-latency-summary.ts';
import { priceText, usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { SECONDS_PER_YEAR, volatilitiesAt } from './overshoot.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot, tokenOf } from './source-directory.ts';

const METHOD = 'liquidation-latency';
const CENSORED =
  'Only prices on the chain are judged: the breach lies between the last safe and the first breaching one, and a breach that recovered before the next price is not seen.';
const OWN_PRICES =
  'A GMX liquidation brings its own prices, so its delay to them is 0 by construction; OBSERVED_DELAY and OBSERVED_DELAY_MOST enclose the delay since the real breach.';
const CLOCKS = 'Clocks count whole seconds: ±1 s.';
/** Venues whose liquidation transaction posts the prices it is judged at. */
const BRINGS_ITS_PRICES: ReadonlySet<string> = new Set(['gmx-v2']);
const DEFAULT_TAU_SECONDS = 3_600;

export interface LiquidationLatencyRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: everything. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
  /** Time constant of the volatility. */
  readonly tauSeconds?: number | null | undefined;
}

/** One liquidation: since when it could have been, and what the wait cost. */
export interface LiquidationDelay {
  readonly liquidationId: string;
  readonly positionId: string;
  readonly account: string;
  readonly liquidator: string;
  readonly side: Side;
  readonly closedSizeUsd: Decimal;
  readonly blockNumber: number;
  readonly timestamp: DateTime;
  readonly transactionHash: string;
  readonly breachCause: BreachCause;
  /** Null where it was liquidatable since it opened. */
  readonly lastSafeBlock: number | null;
  readonly lastSafeAt: DateTime | null;
  readonly lastSafeObservedAt: DateTime | null;
  readonly breachBlock: number;
  readonly breachAt: DateTime;
  readonly breachObservedAt: DateTime | null;
  readonly flaggedBlock: number | null;
  readonly flaggedAt: DateTime | null;
  readonly isImmediate: boolean;
  readonly delaySeconds: number;
  readonly delaySecondsMost: number | null;
  readonly delayBlocks: number;
  readonly delayUpdates: number;
  readonly breachToFlagSeconds: number | null;
  readonly flagToLiquidationSeconds: number | null;
  readonly observedDelaySeconds: number | null;
  readonly observedDelaySecondsMost: number | null;
  readonly breachPriceUsd: Decimal | null;
  readonly triggerPriceUsd: Decimal | null;
  /** At the anchor: the flag, else the liquidation. */
  readonly liquidationPriceUsd: Decimal | null;
  readonly overshootAtBreach: number | null;
  /** side × ln(liquidation price ÷ price used). */
  readonly overshoot: number | null;
  /** overshootAtBreach ÷ σ√dt. */
  readonly scaledOvershoot: number | null;
  /** Per √year, as of the last safe price. */
  readonly volatility: number | null;
  /** side × ln(price at the breach ÷ price used). */
  readonly delayCostRatio: number;
  readonly delayCostUsd: Decimal;
}

export interface LiquidationLatency {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly tauSeconds: number;
  readonly count: number;
  /** Not liquidatable by our rules at the prices used: must be 0. */
  readonly unexplainedCount: number;
  /** Liquidations that could not be judged. */
  readonly unknownCount: number;
  /** Share in the block of the breaching price. */
  readonly immediateShare: number | null;
  readonly stats: readonly DelayStat[];
  readonly overshoot: OvershootSummary;
  readonly delayCostUsd: Decimal;
  readonly liquidations: readonly LiquidationDelay[];
}

/**
 * How long after its breach each position of a market was liquidated, and what that cost (analytics
 * F1–F4). @throws UsageError on an unknown market or block, or above MAX_LATENCY_LIQUIDATIONS.
 */
export async function liquidationLatency(
  snapshot: Snapshot,
  request: LiquidationLatencyRequest,
): Promise<LiquidationLatency> {
  const { reader } = snapshot;
  const { source, venue, market } = request.market;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const from = request.from ?? 0;
  const to = request.to ?? Number.MAX_SAFE_INTEGER;
  const tauSeconds = request.tauSeconds ?? DEFAULT_TAU_SECONDS;
  const cases = await readCases(reader, { market: request.market, toBlock: asOf.block, from, to });
  const report = await findBreaches(reader, request.market, cases);
  const { breaches, unknown, timeline } = report;
  const [index] = timeline.feeds;
  const safe = breaches.flatMap((one) => one.safe ?? []);
  const volatilities = await volatilitiesAt(reader, {
    chainId: source.chainId,
    indexFeed: index ? feedKey(index.venue, index.token) : '',
    blocks: safe.map(({ block }) => block),
    earliest: Math.min(...safe.map(({ timestamp }) => timestamp)),
    tauSeconds,
  });
  const measured = breaches
    .map((one) => measure(one, volatilities))
    .sort((a, b) => a.at.block - b.at.block || a.at.logIndex - b.at.logIndex);
  const { priceDecimals } = tokenOf(source, venue, timeline.indexToken);
  const judged = judgedWith(report.readPublishedParameters);
  const unknownCount = [...unknown.values()].reduce((sum, n) => sum + n, 0);
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { market: idOfMarket(request.market), from, to, tauSeconds },
      asOf,
      basis: judged.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${judged.suffix}`,
      caveats: [
        CENSORED,
        CLOCKS,
        ...(BRINGS_ITS_PRICES.has(venue) ? [OWN_PRICES] : []),
        ...judged.caveats,
        ...[...unknown].map(([reason, n]) => `${n} liquidations left out: ${reason}`),
      ],
    }),
    marketId: idOfMarket(request.market),
    marketSymbol: marketSymbol(source, venue, market, timeline.indexToken),
    tauSeconds,
    count: cases.length,
    unexplainedCount: report.unexplained.length,
    unknownCount,
    immediateShare:
      measured.length === 0
        ? null
        : measured.filter(({ isImmediate }) => isImmediate).length / measured.length,
    stats: statsOf(measured),
    overshoot: summarizeOvershoots(
      measured.flatMap((one) =>
        one.breach.cause === 'PRICE' && one.overshootAtBreach !== null
          ? [{ ...one, overshoot: one.overshootAtBreach }]
          : [],
      ),
    ),
    delayCostUsd: usdText(measured.reduce((sum, one) => sum + one.delayCostUsd, 0n)),
    liquidations: measured.map((one) => toDelay(request.market, one, priceDecimals)),
  };
}

function statsOf(measured: readonly MeasuredBreach[]): DelayStat[] {
  const known = (read: (one: MeasuredBreach) => number | null) =>
    measured.flatMap((one) => read(one) ?? []);
  const stats = [
    toDelayStat(
      'DELAY',
      'seconds',
      known((one) => one.delaySeconds),
    ),
    toDelayStat(
      'DELAY_MOST',
      'seconds',
      known((one) => one.delaySecondsMost),
    ),
    toDelayStat(
      'DELAY_BLOCKS',
      'blocks',
      known((one) => one.delayBlocks),
    ),
    toDelayStat(
      'DELAY_UPDATES',
      'updates',
      known((one) => one.breach.updates),
    ),
    toDelayStat(
      'BREACH_TO_FLAG',
      'seconds',
      known((one) => one.breachToFlagSeconds),
    ),
    toDelayStat(
      'FLAG_TO_LIQUIDATION',
      'seconds',
      known((one) => one.flagToLiquidationSeconds),
    ),
    toDelayStat(
      'OBSERVED_DELAY',
      'seconds',
      known((one) => one.observedDelaySeconds),
    ),
    toDelayStat(
      'OBSERVED_DELAY_MOST',
      'seconds',
      known((one) => one.observedDelaySecondsMost),
    ),
  ];
  return stats.filter(({ n }) => n > 0);
}

const timeOf = (seconds: number | null | undefined): DateTime | null =>
  seconds === null || seconds === undefined ? null : isoTime(seconds);

function toDelay(
  { source, venue }: MarketRef,
  one: MeasuredBreach,
  priceDecimals: number | null,
): LiquidationDelay {
  const { found, safe, breach, cause, anchor, updates } = one.breach;
  const { row, at, flag } = found;
  const { liquidationPrice } = anchor.assessment;
  return {
    liquidationId: eventId(source.chainId, venue, at.block, at.logIndex),
    positionId: positionId(source.chainId, venue, row.position_key),
    account: row.account,
    liquidator: row.liquidator,
    side: row.is_long ? 'LONG' : 'SHORT',
    closedSizeUsd: usdText(row.closed_size_usd),
    blockNumber: at.block,
    timestamp: isoTime(at.timestamp),
    transactionHash: row.transaction_hash,
    breachCause: cause,
    lastSafeBlock: safe?.block ?? null,
    lastSafeAt: timeOf(safe?.timestamp),
    lastSafeObservedAt: timeOf(safe?.observedAt),
    breachBlock: breach.block,
    breachAt: isoTime(breach.timestamp),
    breachObservedAt: timeOf(breach.observedAt),
    flaggedBlock: flag?.block ?? null,
    flaggedAt: timeOf(flag?.timestamp),
    isImmediate: one.isImmediate,
    delaySeconds: one.delaySeconds,
    delaySecondsMost: one.delaySecondsMost,
    delayBlocks: one.delayBlocks,
    delayUpdates: updates,
    breachToFlagSeconds: one.breachToFlagSeconds,
    flagToLiquidationSeconds: one.flagToLiquidationSeconds,
    observedDelaySeconds: one.observedDelaySeconds,
    observedDelaySecondsMost: one.observedDelaySecondsMost,
    breachPriceUsd: priceText(one.breachPrice, priceDecimals),
    triggerPriceUsd: priceText(one.triggerPrice, priceDecimals),
    liquidationPriceUsd:
      liquidationPrice === null ? null : priceText(liquidationPrice, priceDecimals),
    overshootAtBreach: one.overshootAtBreach,
    overshoot: one.overshoot,
    scaledOvershoot: one.scaled,
    volatility:
      one.sigmaPerSecond === null ? null : one.sigmaPerSecond * Math.sqrt(SECONDS_PER_YEAR),
    delayCostRatio: one.delayCostRatio,
    delayCostUsd: usdText(one.delayCostUsd),
  };
}
