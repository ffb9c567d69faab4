import { liquidationLatency } from './liquidation-latency.ts';
import { percentileOf } from './liquidation-latency-summary.ts';
import type { MarketRef } from './market-ref.ts';
import { rankInterval } from './order-statistics.ts';
import type { Snapshot } from './source-directory.ts';

export interface LiquidatorSpeed {
  readonly address: string;
  /** 1 = the lowest median; equal medians share a rank. */
  readonly rank: number;
  /** Liquidations whose breach was found. */
  readonly n: number;
  /** Delay from the first breaching price on the chain (analytics F2). */
  readonly medianSeconds: number;
  /** Holds the median with at least 95 %, whatever the delays are distributed like; null below six. */
  readonly lowerSeconds: number | null;
  readonly upperSeconds: number | null;
}

export interface SpeedScope {
  readonly markets: readonly MarketRef[];
  readonly from: number;
  readonly to: number;
  readonly block: number;
}

/** Median delay of each liquidator, fastest first (analytics G4). */
export async function liquidatorSpeeds(
  snapshot: Snapshot,
  { markets, from, to, block }: SpeedScope,
): Promise<LiquidatorSpeed[]> {
  const delays = new Map<string, number[]>();
  for (const market of markets) {
    const answer = await liquidationLatency(snapshot, { market, from, to, atBlock: block });
    for (const { liquidator, delaySeconds } of answer.liquidations) {
      const known = delays.get(liquidator);
      if (known) known.push(delaySeconds);
      else delays.set(liquidator, [delaySeconds]);
    }
  }
  return rankSpeeds(delays);
}

export function rankSpeeds(delays: ReadonlyMap<string, readonly number[]>): LiquidatorSpeed[] {
  const speeds = [...delays].map(([address, values]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const ranks = rankInterval(sorted.length, 0.5);
    return {
      address,
      n: sorted.length,
      medianSeconds: percentileOf(sorted, 0.5),
      lowerSeconds: ranks ? (sorted[ranks.lower - 1] ?? null) : null,
      upperSeconds: ranks ? (sorted[ranks.upper - 1] ?? null) : null,
    };
  });
  return speeds
    .sort((a, b) => a.medianSeconds - b.medianSeconds || (a.address < b.address ? -1 : 1))
    .map((one) => ({
      ...one,
      rank: 1 + speeds.filter((other) => other.medianSeconds < one.medianSeconds).length,
    }));
}
