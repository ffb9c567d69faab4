import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { type GainEvent, informationGain } from '../../api/queries/information-gain.ts';
import {
  type LiquidationMapScore,
  liquidationMapScore,
  type MapScoreLead,
} from '../../api/queries/liquidation-map-score.ts';
import { parseMarketId, pricedIndexToken } from '../../api/queries/market-ref.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { BASE_CELLS, PriceLattice } from '../../margin/price-lattice.ts';
import { parseFixed, pricePerWhole, rescale } from '../../schema/units.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';
import { frozenPositions, plant, type Update } from './frozen-market.ts';
import { readTwinRows, type TwinRows, twinFates, twinLevel, twinMap } from './map-score-twin.ts';

const GMX = 42_161;
const SYNTHETIX = 31_337;
const WETH = '0xb7f8bc63bbcad18155201308c8f3540b07f84f5e';
const ETH = '0x28b77f5759010d35913196cabd4afec8403f53be';
/** Markets of the archive with the price of ETH and without a trader. */
const FROZEN = '0xee74adf7d032c505be654bb96bdbd846bf2f4a78';
const SWAPPED = '0x58a3aaa8de3917770833475d9bb549c08ee05007';

const MARKETS = [
  { name: 'ETH of GMX', chainId: GMX, venue: 'gmx-v2', market: ETH, feed: ['gmx-v2', WETH] },
  {
    name: 'BTC of GMX',
    chainId: GMX,
    venue: 'gmx-v2',
    market: '0xd59e611a5e6850938d72f3b771f404e2a4e63b51',
    feed: ['gmx-v2', '0x843128376c05c51cba454c93ea0c254a8b22b786'],
  },
  {
    name: 'BTC of Synthetix',
    chainId: SYNTHETIX,
    venue: 'synthetix-v2',
    market: '0xc351628eb244ec633d5f21fbd6621e1a683b1181',
    feed: ['chainlink', '0xbfc65125c25f5f3b81451f0b6db9175f0a5b4015'],
  },
  {
    name: 'the other of Synthetix',
    chainId: SYNTHETIX,
    venue: 'synthetix-v2',
    market: '0xfd471836031dc5108809d173a067e8486b9047a3',
    feed: ['chainlink', '0x9afb25949cd6684e0fc7084681cdab1a87d23af0'],
  },
] as const;

const usd = (text: string) => parseFixed(text, 30);
const seconds = (time: string) => Date.parse(time) / 1_000;

describe('the report card of the liquidation map', () => {
  let store: OpenStore;
  let snapshot: Snapshot;

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-crash-2023-08-17', 'synthetix-v2-crash-2023-08-17');
    snapshot = await openSnapshot(store.database);
  });
  afterAll(async () => {
    await store?.close();
  });

  const score = (market: string, leads: readonly number[], over: object = {}) =>
    liquidationMapScore(snapshot, { market: parseMarketId(snapshot, market), leads, ...over });

  describe.each(MARKETS)('of $name', ({ chainId, venue, market, feed }) => {
    const leads = [60, 900, 3_600, 86_400];
    let card: LiquidationMapScore;
    let rows: TwinRows;

    beforeAll(async () => {
      card = await score(`${chainId}:${venue}:${market}`, leads);
      const [feedVenue, feedToken] = feed;
      const block = card.provenance.asOfBlock;
      rows = await readTwinRows(store.database, { chainId, market, feedVenue, feedToken, block });
    });

    const indexToken = () => {
      const ref = parseMarketId(snapshot, `${chainId}:${venue}:${market}`);
      return pricedIndexToken(ref, feed[1]);
    };
    const toUsd = (mass: bigint) =>
      rescale(mass, indexToken().decimals + indexToken().priceDecimals, 30);
    const inWindow = () => {
      const [from, to] = [seconds(card.fromTime), seconds(card.toTime)];
      return rows.liquidations.filter(({ time }) => time >= from && time < to);
    };

    it('grades every liquidation by the last level before the lead, as a loop finds it', () => {
      expect(inWindow().length).toBeGreaterThan(10);
      expect(card.realized.count).toBe(inWindow().length);
      for (const lead of card.leads) {
        const graded = inWindow().map((one) => ({
          ...one,
          ...twinLevel(rows, one, one.time - lead.leadSeconds),
        }));
        const of = (placement: string) => graded.filter((one) => one.placement === placement);
        expect([lead.known, lead.withoutLevel, lead.openedSince].map(({ count }) => count)).toEqual(
          [of('LEVEL'), of('NONE'), of('OPENED_SINCE')].map(({ length }) => length),
        );
        const errors = of('LEVEL')
          .map(({ isLong, price, trigger }) => {
            const beyond = 1e4 * (Math.log(Number(price)) - Math.log(Number(trigger)));
            return isLong ? beyond : -beyond;
          })
          .sort((a, b) => a - b);
        const { n, min, max, p50 } = lead.levelErrorBps;
        expect(n).toBe(errors.length);
        expect(min ?? 0).toBeCloseTo(errors[0] ?? 0, 6);
        expect(max ?? 0).toBeCloseTo(errors.at(-1) ?? 0, 6);
        const middle = (errors.length - 1) / 2;
        const median = ((errors[Math.floor(middle)] ?? 0) + (errors[Math.ceil(middle)] ?? 0)) / 2;
        if (n < 20) expect(p50).toBeNull();
        else expect(p50).toBeCloseTo(median, 6);
        for (const point of lead.recall) {
          const within = errors.filter((error) => Math.abs(error) <= point.withinBps);
          expect(point.count, `${lead.leadSeconds} s, ${point.withinBps} bps`).toBe(within.length);
        }
      }
    });

    it('accounts for what was liquidated and for what the price went through, to the last unit', () => {
      const [from, to] = [seconds(card.fromTime), seconds(card.toTime)];
      for (const lead of card.leads) {
        const parts = [lead.known, lead.withoutLevel, lead.unknownLevel, lead.openedSince];
        const realized = parts.reduce((sum, { valueUsd }) => sum + usd(valueUsd), 0n);
        expect(realized).toBe(usd(card.realized.valueUsd));

        const twin = twinFates(rows, { from, to, lead: lead.leadSeconds });
        expect(lead.fate.steps).toBe(twin.steps);
        for (const part of lead.fate.parts) {
          const { mass, count } = twin.fates[part.fate];
          const what = `${lead.leadSeconds} s, ${part.fate}`;
          expect(usd(part.valueUsd), what).toBe(toUsd(mass));
          expect(part.count, what).toBe(count);
        }
        const sum = lead.fate.parts.reduce((total, part) => total + usd(part.valueUsd), 0n);
        expect(usd(lead.fate.whole.valueUsd)).toBe(sum);
        // Truncated to 30 decimals once a part.
        expect(toUsd(twin.whole) - sum).toBeLessThan(5n);
        expect(toUsd(twin.whole) - sum).toBeGreaterThanOrEqual(0n);
        const shares = lead.fate.parts.reduce((total, { share }) => total + (share ?? 0), 0);
        if (sum > 0n) expect(shares).toBeCloseTo(1, 12);
      }
      expect(card.leads.some(({ fate }) => fate.whole.count > 10)).toBe(true);
    });

    it('measures the gain on the map that a sum of signs gives', () => {
      for (const lead of card.leads) {
        const events = inWindow().flatMap((one) => twinGain(one, lead.leadSeconds));
        const { cells, withoutPrice } = lead.informationGain;
        expect(events.length + withoutPrice).toBe(card.realized.count);
        const half = (cells - 1) / 2;
        const twin = informationGain(events, { first: -half, last: half, smoothing: 0.01 });
        expect(lead.informationGain).toMatchObject({
          events: twin.events,
          outsideDomain: twin.outsideDomain,
          emptyMap: twin.emptyMap,
          clusters: twin.clusters,
        });
        for (const null_ of ['overUniform', 'overLaplace'] as const) {
          expect(lead.informationGain[null_].mean).toBeCloseTo(twin[null_].mean ?? 0, 9);
        }
      }
    });

    function twinGain(
      one: { isLong: boolean; trigger: bigint; time: number },
      lead: number,
    ): GainEvent[] {
      const lattice = new PriceLattice(card.cellWidth);
      const cellOf = (price: bigint) =>
        lattice.cellOf(pricePerWhole(price, indexToken().priceDecimals)) ?? 0;
      const time = one.time - lead;
      const price = rows.prices.filter((update) => update.time <= time).at(-1);
      if (!price) return [];
      const at = cellOf((price.min + price.max) / 2n);
      const baseCells = BASE_CELLS[card.cellWidth];
      const map = twinMap(rows, { isLong: one.isLong, time, baseCells });
      const half = 400 / baseCells;
      const whole = [...map]
        .filter(([cell]) => Math.abs(cell - at) <= half)
        .reduce((sum, [, mass]) => sum + mass, 0n);
      const trigger = cellOf(one.trigger);
      const share = Number(map.get(trigger) ?? 0n) / Number(whole);
      return [
        {
          offset: trigger - at,
          mapShare: whole > 0n ? share : null,
          cluster: Math.floor((one.time - seconds(card.fromTime)) / lead),
        },
      ];
    }
  });

  it('takes for the last level of a liquidated position what the position itself tells', async () => {
    const ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
    const { liquidations } = await dataOf(
      ask<{ liquidations: { nodes: { positionId: string; life: number; blockNumber: number }[] } }>(
        `{ liquidations(chainId: ${GMX}, first: 60, where: { market: "${GMX}:gmx-v2:${ETH}", cause: LIQUIDATION }) {
          nodes { positionId life blockNumber } } }`,
      ),
    );
    expect(liquidations.nodes).toHaveLength(17);
    const rows = await readTwinRows(store.database, {
      chainId: GMX,
      market: ETH,
      feedVenue: 'gmx-v2',
      feedToken: WETH,
      block: 3_651,
    });
    for (const { positionId, life, blockNumber } of liquidations.nodes) {
      const key = positionId.split(':')[2] ?? '';
      const last = rows.levels.filter(
        (row) => row.key === key && row.sign === 1 && row.life === life && row.block < blockNumber,
      );
      const level = last.at(-1);
      const { position } = await dataOf(
        ask<{ position: { marginAt: { liquidationPrice: string } } }>(
          `{ position(id: "${positionId}") { marginAt(block: ${level?.block}) { liquidationPrice } } }`,
        ),
      );
      expect(pricePerWhole(level?.price ?? 0n, 12)).toBe(usd(position.marginAt.liquidationPrice));
    }
  });

  describe('of a market whose positions never change', () => {
    const leads = [60, 300, 900];
    let frozen: LiquidationMapScore;
    let swapped: LiquidationMapScore;
    let planted = 0;

    beforeAll(async () => {
      const prices = await store.database.select<Update>(
        `SELECT toString(min_price) AS low, toString(max_price) AS high, block_timestamp AS time, block_number AS block
         FROM oracle_updates WHERE chain_id = ${GMX} AND token = '${WETH}'
         ORDER BY block_number, log_index, sub_index`,
      );
      const positions = frozenPositions(prices);
      planted = positions.filter(({ update }) => update).length;
      await plant(store, FROZEN, positions, (isLong) => isLong);
      await plant(store, SWAPPED, positions, (isLong) => !isLong);
      frozen = await score(`${GMX}:gmx-v2:${FROZEN}`, leads);
      swapped = await score(`${GMX}:gmx-v2:${SWAPPED}`, leads);
    });

    it('has error 0 and recall 1 at every lead', () => {
      expect(planted).toBeGreaterThan(20);
      for (const lead of frozen.leads) {
        expect(lead.levelErrorBps).toMatchObject({ n: planted, min: 0, p50: 0, max: 0, mean: 0 });
        expect(lead.recall.map(({ share }) => share)).toEqual(lead.recall.map(() => 1));
        expect(lead.openedSince.count).toBe(0);
      }
    });

    it('has all mass liquidated that the price went through', () => {
      for (const { fate } of frozen.leads) {
        expect(partOf(fate, 'LIQUIDATED')).toMatchObject({ share: 1, count: fate.whole.count });
        expect(fate.whole.count).toBeGreaterThan(0);
      }
      // From the first price to the last in steps of a minute: every one of them is in a step.
      expect(frozen.leads[0]?.fate.whole.count).toBe(planted);
    });

    it('tells more than either null, and nothing with its sides swapped', () => {
      for (const [index, { informationGain: right }] of frozen.leads.entries()) {
        const wrong = swapped.leads[index]?.informationGain;
        expect(right.events).toBe(planted);
        expect(right.overUniform.mean).toBeGreaterThan(1);
        expect(wrong?.overUniform.mean).toBeLessThan(-4);
        expect(wrong?.overLaplace.mean).toBeLessThan(-4);
        expect(right.overLaplace.mean).toBeGreaterThan((wrong?.overLaplace.mean ?? 0) + 4);
      }
    });
  });

  it('counts one side alone, and the sides sum to both', async () => {
    const id = `${GMX}:gmx-v2:${ETH}`;
    const [both, long, short] = await Promise.all([
      score(id, [900]),
      score(id, [900], { side: 'LONG' }),
      score(id, [900], { side: 'SHORT' }),
    ]);
    const total = (of: (lead: MapScoreLead) => string) => (card: LiquidationMapScore) =>
      card.leads.reduce((sum, lead) => sum + usd(of(lead)), 0n);
    for (const measure of [
      total(({ known }) => known.valueUsd),
      total(({ openedSince }) => openedSince.valueUsd),
      total(({ fate }) => fate.whole.valueUsd),
      total(({ fate }) => partOf(fate, 'CLOSED')?.valueUsd ?? '0'),
    ]) {
      expect(measure(long) + measure(short)).toBe(measure(both));
    }
    expect([long, short].map(({ realized }) => realized.count)).toEqual([14, 3]);
  });

  it('refuses what is too much, or nothing', async () => {
    const id = `${GMX}:gmx-v2:${ETH}`;
    await expect(score(id, [])).rejects.toThrow('leads are out of bounds');
    await expect(score(id, [31 * 86_400])).rejects.toThrow('leads are out of bounds');
    await expect(score(id, [1])).rejects.toThrow('too many steps');
    await expect(score(id, [60], { from: 1_792_000_000 })).rejects.toThrow('window is empty');
    await expect(score(id, [60], { to: 1_600_000_000 })).rejects.toThrow('no price by then');
    const none = await score(id, [86_400 * 20]);
    expect(none.leads[0]?.fate).toMatchObject({ steps: 0, whole: { valueUsd: '0', count: 0 } });
  });
});

function partOf({ parts }: MapScoreLead['fate'], wanted: string) {
  return parts.find(({ fate }) => fate === wanted);
}
