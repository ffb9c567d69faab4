import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { BufferAdequacy } from '../../api/queries/buffer-adequacy.ts';
import type {
  LiquidationDelay,
  LiquidationLatency,
} from '../../api/queries/liquidation-latency.ts';
import { marginAt } from '../../api/queries/margin-at.ts';
import { volatilitiesAt } from '../../api/queries/overshoot.ts';
import { parsePositionId } from '../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { readTruth } from '../margin/gmx-v2-truth-rows.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const FIELDS = `provenance { method basis caveats } count unexplainedCount unknownCount immediateShare delayCostUsd
  stats { measure unit n mean min p50 p90 max }
  overshoot { n meanScaled expectedMean quantiles { p expected observed shareWithin } }
  liquidations { liquidationId positionId side blockNumber timestamp breachCause lastSafeBlock lastSafeAt
    lastSafeObservedAt breachBlock breachAt breachObservedAt flaggedBlock flaggedAt isImmediate delaySeconds delaySecondsMost
    delayBlocks delayUpdates breachToFlagSeconds flagToLiquidationSeconds observedDelaySeconds observedDelaySecondsMost
    overshootAtBreach overshoot scaledOvershoot volatility delayCostRatio delayCostUsd breachPriceUsd triggerPriceUsd liquidationPriceUsd }`;

const GMX = 42_161;
const SYNTHETIX = 31_337;

describe('liquidation latency over the bundled archives', () => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let ask: ReturnType<typeof askOf>;
  const answers = new Map<string, LiquidationLatency>();

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-crash-2023-08-17', 'synthetix-v2-crash-2023-08-17');
    snapshot = await openSnapshot(store.database);
    ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
    for (const { id } of (await markets()).filter(({ liquidations }) => liquidations > 0)) {
      answers.set(id, await latencyOf(id));
    }
  });
  afterAll(async () => {
    await store?.close();
  });

  it('explains every liquidation of both venues by the venue’s own rules', () => {
    expect(delaysOf(GMX)).toHaveLength(54);
    expect(delaysOf(SYNTHETIX)).toHaveLength(87);
    for (const answer of answers.values()) {
      expect(answer.liquidations).toHaveLength(answer.count);
      expect(answer).toMatchObject({ unexplainedCount: 0, unknownCount: 0 });
      expect(answer.provenance).toMatchObject({ method: 'liquidation-latency', basis: 'DERIVED' });
    }
  });

  it('encloses each delay that the archive was made with', () => {
    const drawn = readTruth('crash-delays');
    expect(drawn).toHaveLength(54);
    const delays = delaysOf(GMX);
    for (const row of drawn) {
      const delay = delays.find((one) => one.blockNumber === row.number('blockNumber'));
      const since = row.number('liquidatableSince');
      expect(seconds(delay?.lastSafeObservedAt)).toBeLessThan(since);
      expect(seconds(delay?.breachObservedAt)).toBeGreaterThanOrEqual(since);
      expect(delay?.observedDelaySeconds).toBeLessThanOrEqual(row.number('delaySeconds'));
      expect(delay?.observedDelaySecondsMost).toBeGreaterThan(row.number('delaySeconds'));
    }
  });

  it('finds the instant that judging every block one by one finds', async () => {
    let judged = 0;
    // Where time alone made the breach, only its bounds are judged: not the blocks in between.
    const pushed = delaysOf(SYNTHETIX).filter(({ breachCause }) => breachCause === 'PRICE');
    for (const delay of [...solDelays().slice(0, 12), ...pushed.slice(0, 8)]) {
      const position = parsePositionId(snapshot, delay.positionId);
      const end = delay.flaggedBlock ?? delay.blockNumber;
      for (let block = delay.lastSafeBlock ?? end; block < end; block += 1) {
        const point = await marginAt(snapshot, { position, block });
        expect({ block, unsafe: point?.isLiquidatable }).toEqual({
          block,
          unsafe: block >= delay.breachBlock,
        });
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThan(100);
  });

  it('counts no delay and no cost where the liquidation brought the breaching price', () => {
    const immediate = delaysOf(GMX).filter(({ isImmediate }) => isImmediate);
    expect(immediate).toHaveLength(28);
    for (const one of immediate) {
      expect(one).toMatchObject({ delaySeconds: 0, delayBlocks: 0, delayUpdates: 0 });
      expect(one).toMatchObject({ delayCostRatio: 0, delayCostUsd: '0' });
      expect(one.breachPriceUsd).toBe(one.triggerPriceUsd);
      expect(one.overshootAtBreach).toBe(one.overshoot);
    }
    expect(delaysOf(SYNTHETIX).filter(({ isImmediate }) => isImmediate)).toHaveLength(0);
  });

  it('has a price beyond the liquidation price whenever it liquidates', () => {
    for (const one of [...delaysOf(GMX), ...delaysOf(SYNTHETIX)]) {
      expect(one.overshoot).toBeGreaterThanOrEqual(0);
      expect(one.overshootAtBreach).toBeGreaterThanOrEqual(0);
      expect(one.delaySecondsMost).toBeGreaterThanOrEqual(one.delaySeconds);
    }
  });

  it('splits a delay of Synthetix at the flag, to the second', () => {
    for (const one of delaysOf(SYNTHETIX)) {
      expect(one.flaggedBlock).not.toBeNull();
      const parts = (one.breachToFlagSeconds ?? 0) + (one.flagToLiquidationSeconds ?? 0);
      expect(parts).toBe(one.delaySeconds);
    }
    expect(delaysOf(GMX).every((one) => one.flaggedBlock === null)).toBe(true);
  });

  it('counts as many prices in between as the feed has', async () => {
    for (const one of solDelays()) {
      const [row] = await store.database.select<{ n: string }>(
        `SELECT toString(uniqExact(block_number)) AS n FROM oracle_updates
         WHERE chain_id = ${GMX} AND block_number > {a:UInt64} AND block_number <= {b:UInt64}`,
        { a: one.breachBlock, b: one.blockNumber },
      );
      expect(one.delayUpdates).toBe(Number(row?.n));
    }
  });

  it('says what the wait cost: the price’s way in between times the notional', () => {
    for (const answer of answers.values()) {
      const total = answer.liquidations.reduce((sum, one) => sum + Number(one.delayCostUsd), 0);
      expect(Number(answer.delayCostUsd)).toBeCloseTo(total, 4);
    }
    const dearest = [...delaysOf(GMX)].sort((a, b) => b.delayCostRatio - a.delayCostRatio)[0];
    const [from, to] = [Number(dearest?.breachPriceUsd), Number(dearest?.triggerPriceUsd)];
    expect(dearest?.delayCostRatio).toBeCloseTo(Math.abs(Math.log(from / to)), 12);
    expect(Number(dearest?.delayCostUsd)).toBeGreaterThan(0);
  });

  it('weighs returns as a sum by hand does', async () => {
    const tau = 1_800;
    const block = 3_000;
    const token = await anyToken(store);
    const rows = await store.database.select<{ t: string; p: number }>(
      `SELECT toString(any(block_timestamp)) AS t,
         argMax((toFloat64(min_price) + toFloat64(max_price)) / 2, log_index) AS p
       FROM oracle_updates WHERE chain_id = ${GMX} AND token = {token:String} AND block_number <= ${block}
       GROUP BY block_number ORDER BY block_number`,
      { token },
    );
    const at = Number(rows.at(-1)?.t);
    let square = 0;
    let time = 0;
    for (const [index, row] of rows.entries()) {
      const before = rows[index - 1];
      if (!before || Number(row.t) < at - 20 * tau) continue;
      const weight = Math.exp((Number(row.t) - at) / tau);
      square += weight * Math.log(row.p / before.p) ** 2;
      time += weight * (Number(row.t) - Number(before.t));
    }
    const found = await volatilitiesAt(snapshot.reader, {
      chainId: GMX,
      indexFeed: `gmx-v2:${token}`,
      blocks: [block],
      earliest: at,
      tauSeconds: tau,
    });
    expect(found.get(block)).toBeCloseTo(Math.sqrt(square / time), 9);
  });

  it('answers at a block what it answered when the head was there', async () => {
    const id = [...answers].find(([, answer]) => answer.count === 22)?.[0] ?? '';
    const then = await latencyOf(id, 3_000);
    const until = marketDelaysById(id).filter(({ blockNumber }) => blockNumber <= 3_000);
    expect(then.liquidations.length).toBeGreaterThan(5);
    expect(then.liquidations).toEqual(until);
  });

  it('compares the maintenance margin of a market with the one its delays call for', async () => {
    const id = [...answers].find(([, answer]) => answer.count === 22)?.[0] ?? '';
    const { bufferAdequacy } = await dataOf(
      ask<{ bufferAdequacy: BufferAdequacy }>(
        `query ($market: ID!) { bufferAdequacy(market: $market, volatility: 0.8, intervals: ["PT1S", "PT1H"]) {
          provenance { basis } volatility maintenanceRatio leastMaintenanceRatio penaltyRatio positions liquidations
          rows { label seconds requiredRatio adequacy } } }`,
        { market: id },
      ),
    );
    // SOL/USD: 1 % of the size to stay, 0.3 % penalty.
    expect(bufferAdequacy).toMatchObject({ liquidations: 22, provenance: { basis: 'MODELED' } });
    expect(bufferAdequacy.positions).toBeGreaterThan(5);
    // Of the size at entry, that is; the ratio is to the notional at the price.
    expect(bufferAdequacy.maintenanceRatio).toBeGreaterThan(0.0095);
    expect(bufferAdequacy.maintenanceRatio).toBeLessThan(0.0105);
    expect(bufferAdequacy.penaltyRatio).toBeCloseTo(0.003, 5);
    const [second, hour, mean, longest] = bufferAdequacy.rows;
    expect(second?.requiredRatio).toBeCloseTo(0.003 + 0.000311, 5);
    expect(hour?.requiredRatio).toBeCloseTo(0.003 + 0.018677, 5);
    expect(second?.adequacy).toBeCloseTo(
      (bufferAdequacy.maintenanceRatio ?? 0) / (second?.requiredRatio ?? 0),
      12,
    );
    expect(hour?.adequacy).toBeLessThan(1);
    expect([mean?.label, longest?.label]).toEqual(['MEAN_INTERVAL', 'LONGEST_INTERVAL']);
    expect(longest?.seconds).toBeGreaterThan(mean?.seconds ?? 0);
  });

  async function latencyOf(market: string, atBlock?: number): Promise<LiquidationLatency> {
    const { liquidationLatency } = await dataOf(
      ask<{ liquidationLatency: LiquidationLatency }>(
        `query ($market: ID!, $atBlock: Int) { liquidationLatency(market: $market, atBlock: $atBlock) { ${FIELDS} } }`,
        { market, atBlock },
      ),
    );
    return liquidationLatency;
  }

  async function markets(): Promise<{ id: string; liquidations: number }[]> {
    const rows = await store.database.select<{ id: string; n: string }>(
      `SELECT concat(toString(chain_id), ':', venue, ':', market) AS id, toString(count()) AS n
       FROM liquidations GROUP BY chain_id, venue, market ORDER BY id`,
    );
    return rows.map(({ id, n }) => ({ id, liquidations: Number(n) }));
  }

  const marketDelaysById = (id: string): readonly LiquidationDelay[] =>
    answers.get(id)?.liquidations ?? [];

  function delaysOf(chainId: number): LiquidationDelay[] {
    return [...answers].flatMap(([id, answer]) =>
      id.startsWith(`${chainId}:`) ? answer.liquidations : [],
    );
  }

  /** The GMX market with 22 liquidations is SOL. */
  function solDelays(): readonly LiquidationDelay[] {
    const found = [...answers].find(([id, { count }]) => id.startsWith(`${GMX}:`) && count === 22);
    return found?.[1].liquidations ?? [];
  }
});

async function anyToken(store: OpenStore): Promise<string> {
  const [row] = await store.database.select<{ token: string }>(
    `SELECT toString(token) AS token FROM oracle_updates WHERE chain_id = ${GMX}
     GROUP BY token ORDER BY max(toFloat64(max_price)) DESC LIMIT 1`,
  );
  return row?.token ?? '';
}

function seconds(time: string | null | undefined): number {
  return Date.parse(time ?? '') / 1000;
}
