import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { LiquidationLatency } from '../../api/queries/liquidation-latency.ts';
import type { OpenBreaches } from '../../api/queries/open-breaches.ts';
import { parseFixed } from '../../schema/units.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const GMX = 42_161;
const SYNTHETIX = 31_337;
const usd = (text: string | null | undefined): bigint => parseFixed(text ?? '', 30);

describe('positions beyond their threshold that are still open', () => {
  let store: OpenStore;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-crash-2023-08-17', 'synthetix-v2-crash-2023-08-17');
    ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('holds every liquidation that waited, at any block of its wait, with the breach that its post-mortem finds', async () => {
    let seen = 0;
    for (const market of await marketsOf(GMX)) {
      const latency = await latencyOf(market);
      const waited = latency.liquidations.filter(({ delayBlocks }) => delayBlocks > 0).slice(0, 3);
      for (const one of waited) {
        const at = await breachesOf(market, one.blockNumber - 1);
        const found = at.breaches.find(({ positionId }) => positionId === one.positionId);
        expect(found).toMatchObject({
          breachBlock: one.breachBlock,
          breachAt: one.breachAt,
          breachCause: one.breachCause,
          lastSafeAt: one.lastSafeAt,
        });
        expect(at.liquidatableCount).toBeGreaterThanOrEqual(at.breaches.length);
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(3);
  });

  it('is what marginAt calls liquidatable, position by position, and no more', async () => {
    const [market = ''] = await marketsOf(GMX);
    const [wait] = (await latencyOf(market)).liquidations.filter((one) => one.delayBlocks > 0);
    const block = (wait?.blockNumber ?? 0) - 1;
    const at = await breachesOf(market, block);
    const { positions } = await dataOf<{ positions: { totalCount: number; nodes: Judged[] } }>(
      ask(`{ positions(first: 50, chainId: ${GMX}, atBlock: ${block}, where: { market: "${market}", status: OPEN }) {
        totalCount nodes { id marginAt { isLiquidatable healthFactor } } } }`),
    );
    expect(positions.nodes.length).toBe(positions.totalCount);
    const liquidatable = positions.nodes.filter(({ marginAt }) => marginAt?.isLiquidatable);
    expect(at.openCount).toBe(positions.nodes.length);
    expect(at.breaches.map(({ positionId }) => positionId).sort()).toEqual(
      liquidatable.map(({ id }) => id).sort(),
    );
    for (const one of at.breaches) {
      const judged = positions.nodes.find(({ id }) => id === one.positionId);
      expect(one.healthFactor).toBe(judged?.marginAt?.healthFactor);
    }
  });

  it('leaves out what has not stood so long', async () => {
    const [market = ''] = await marketsOf(GMX);
    const [wait] = (await latencyOf(market)).liquidations.filter((one) => one.delayBlocks > 0);
    const block = (wait?.blockNumber ?? 0) - 1;
    const all = await breachesOf(market, block);
    const bound = Math.max(...all.breaches.map(({ standingSeconds }) => standingSeconds));
    const longest = await breachesOf(market, block, bound);
    expect(longest.breaches).toEqual(
      all.breaches.filter(({ standingSeconds }) => standingSeconds >= bound),
    );
    expect((await breachesOf(market, block, bound + 1)).breaches).toEqual([]);
  });

  it('says that nobody is paid on GMX, and what Synthetix would pay, as its logs say afterwards', async () => {
    const [market = ''] = await marketsOf(GMX);
    const [wait] = (await latencyOf(market)).liquidations.filter((one) => one.delayBlocks > 0);
    const gmx = await breachesOf(market, (wait?.blockNumber ?? 0) - 1);
    expect(gmx.breaches.every((one) => one.senderPayUsd === '0')).toBe(true);
    expect(gmx.unprofitableCount).toBe(gmx.gasSample === 0 ? null : gmx.breaches.length);

    const fees = await store.database.select<{
      key: string;
      market: string;
      block: string;
      paid: string;
    }>(
      `SELECT position_key AS key, market, toString(block_number) AS block,
         toString((toInt256(JSONExtractString(details, 'flaggerFee')) + toInt256(JSONExtractString(details, 'liquidatorFee'))) * 1000000000000) AS paid
       FROM liquidations
       WHERE chain_id = ${SYNTHETIX} AND JSONExtractString(details, 'liquidatorFee') != '0' ORDER BY block_number`,
    );
    let compared = 0;
    for (const synthetix of await marketsOf(SYNTHETIX)) {
      for (const one of (await latencyOf(synthetix)).liquidations) {
        // Flagged later than the breach, at the price of the breach: the flagger's fee is that of the price.
        const isWaited = one.flaggedBlock !== null && one.flaggedBlock > one.breachBlock;
        if (!isWaited || one.delayUpdates > 0 || compared >= 3) continue;
        const at = await breachesOf(synthetix, (one.flaggedBlock ?? 0) - 1);
        const found = at.breaches.find(({ positionId }) => positionId === one.positionId);
        const logged = fees.find(
          ({ key, block }) => one.positionId.endsWith(key) && Number(block) === one.blockNumber,
        );
        // A forced liquidation pays no liquidator.
        if (!logged) continue;
        expect(usd(found?.senderPayUsd)).toBe(BigInt(logged.paid));
        expect(found?.isUnprofitable).toBeNull();
        compared += 1;
      }
    }
    expect(compared).toBe(3);
  });

  interface Judged {
    readonly id: string;
    readonly marginAt: { readonly isLiquidatable: boolean; readonly healthFactor: number } | null;
  }

  async function marketsOf(chainId: number): Promise<string[]> {
    const rows = await store.database.select<{ id: string }>(
      `SELECT concat(toString(chain_id), ':', venue, ':', market) AS id FROM liquidations
       WHERE chain_id = ${chainId} AND cause = 'LIQUIDATION' GROUP BY id ORDER BY count() DESC, id`,
    );
    return rows.map(({ id }) => id);
  }

  async function latencyOf(market: string): Promise<LiquidationLatency> {
    const { liquidationLatency } = await dataOf<{ liquidationLatency: LiquidationLatency }>(
      ask(`{ liquidationLatency(market: "${market}") { liquidations { positionId blockNumber breachBlock
        breachAt breachCause lastSafeAt delayBlocks delayUpdates flaggedBlock } } }`),
    );
    return liquidationLatency;
  }

  async function breachesOf(market: string, block: number, standing = 0): Promise<OpenBreaches> {
    const { openBreaches } = await dataOf<{ openBreaches: OpenBreaches }>(
      ask(`{ openBreaches(market: "${market}", standingSeconds: ${standing}, atBlock: ${block}) { openCount liquidatableCount
        unprofitableCount typicalGasUsd gasSample breaches { positionId healthFactor breachBlock breachAt breachCause
        lastSafeAt standingSeconds senderPayUsd isUnprofitable } } }`),
    );
    return openBreaches;
  }
});
