import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MarginAt, Side } from '../../api/queries/answers.ts';
import { barrierShift, hitProbability } from '../../api/queries/first-passage.ts';
import {
  type LiquidationRisk,
  type LiquidationRiskRequest,
  liquidationRisk,
} from '../../api/queries/liquidation-risk.ts';
import { marginAt } from '../../api/queries/margin-at.ts';
import { type MarketRef, parseMarketId } from '../../api/queries/market-ref.ts';
import { SECONDS_PER_YEAR } from '../../api/queries/overshoot.ts';
import { parsePositionId } from '../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot, tokenOf } from '../../api/queries/source-directory.ts';
import { parseFixed } from '../../schema/units.ts';
import { type OpenStore, openArchiveStore } from './crash-store.ts';

const usd = (text: string): bigint => parseFixed(text, 30);
const ONE = 10n ** 30n;

interface Open {
  readonly id: string;
  readonly side: Side;
  readonly sizeBase: bigint;
  readonly sizeUsd: bigint;
  readonly point: MarginAt;
}

describe.each([
  { archives: ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'], least: 50 },
  { archives: ['synthetix-v2-crash-2023-08-17'], least: 10 },
])('the liquidation risk of the markets of $archives', ({ archives, least }) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  /** Each market at a block in the midst of the crash, with its open positions by `marginAt`. */
  let markets: { readonly market: MarketRef; readonly block: number; readonly open: Open[] }[];

  /** Those with the most positions. */
  let fullest: typeof markets;

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
    const rows = await store.database.select<{ id: string; block: string }>(`
      SELECT concat(toString(chain_id), ':', venue, ':', market) AS id,
        toString(quantileExact(0.7)(block_number)) AS block
      FROM position_states GROUP BY id ORDER BY id`);
    markets = [];
    for (const { id, block } of rows) {
      const market = parseMarketId(snapshot, id);
      const open = await readOpen(store, snapshot, market, Number(block));
      markets.push({ market, block: Number(block), open });
    }
    fullest = [...markets].sort((a, b) => b.open.length - a.open.length).slice(0, 2);
  });
  afterAll(async () => {
    await store?.close();
  });

  const ask = (request: LiquidationRiskRequest) => liquidationRisk(snapshot, request);

  it('is summed over what marginAt says of each open position', async () => {
    let judged = 0;
    for (const { market, block, open } of markets) {
      const answer = await ask({ market, atBlock: block, volatility: 0.9, checkSeconds: 60 });
      const shift = barrierShift(0.9 / Math.sqrt(SECONDS_PER_YEAR), 60);
      expect(answer.barrierShift).toBe(shift);
      for (const { side, expected, atRisk, movePercent } of answer.sides) {
        const own = placedOf(market, open, side);
        const parts = own.map(({ distance, valueUsd }) => {
          const away = distance <= 0 ? 0 : distance + shift;
          return { valueUsd, p: hitProbability(side, away, walkOf(0.9)) };
        });
        const sum = parts.reduce((total, one) => total + Number(one.valueUsd) * one.p, 0) / 1e30;
        const all = own.reduce((total, one) => total + Number(one.valueUsd), 0) / 1e30;
        // Probabilities have 12 digits.
        expect(Math.abs(Number(expected.valueUsd) - sum)).toBeLessThanOrEqual(all * 2e-12);
        expect(expected.count).toBeCloseTo(
          parts.reduce((total, { p }) => total + p, 0),
          9,
        );
        // The move that is exceeded once in twenty, and all levels up to it.
        const move = Math.abs(Math.log1p(movePercent / 100));
        expect(hitProbability(side, move + shift, walkOf(0.9))).toBeCloseTo(0.05, 9);
        const within = own.filter(({ distance }) => distance <= move);
        expect(atRisk.count).toBe(within.length);
        expect(usd(atRisk.valueUsd)).toBe(within.reduce((total, one) => total + one.valueUsd, 0n));
      }
      expect(answer.open.count + answer.unplaced.count).toBe(open.length);
      judged += open.length;
    }
    expect(judged).toBeGreaterThan(least);
  });

  it('adds up: sides, size classes and the positions that matter most', async () => {
    let classes = 0;
    for (const { market, block } of markets) {
      const answer = await ask({ market, atBlock: block, volatility: 1.5, confidence: 0.99 });
      expect(sumOf(answer.sides, ({ expected }) => expected.valueUsd)).toBe(
        usd(answer.expected.valueUsd),
      );
      for (const { side, expected, atRisk } of answer.sides) {
        const own = answer.sizeClasses.filter((one) => one.side === side);
        expect(sumOf(own, (one) => one.expected.valueUsd)).toBe(usd(expected.valueUsd));
        expect(sumOf(own, (one) => one.atRisk.valueUsd)).toBe(usd(atRisk.valueUsd));
        expect(own.reduce((n, one) => n + one.atRisk.count, 0)).toBe(atRisk.count);
        classes += own.length;
        expect(usd(answer.atRiskUsd)).toBeGreaterThanOrEqual(usd(atRisk.valueUsd));
      }
      const shown = answer.positions.map((one) => usd(one.expectedUsd));
      expect(shown).toEqual([...shown].sort((a, b) => (a < b ? 1 : -1)));
      const sum = shown.reduce((total, one) => total + one, 0n);
      if (answer.positions.length < 10) expect(sum).toBe(usd(answer.expected.valueUsd));
      else expect(sum).toBeLessThanOrEqual(usd(answer.expected.valueUsd));
      for (const one of answer.positions) {
        const gap = usd(one.expectedUsd) - (usd(one.notionalUsd) * share(one.probability)) / ONE;
        expect(gap < ONE / 10_000n && gap > -ONE / 10_000n).toBe(true);
      }
    }
    expect(classes).toBeGreaterThan(3);
    const { market, block } = fullest[0]!;
    const question = { market, atBlock: block, volatility: 1.5 };
    const one = await ask({ ...question, sizeBoundsUsd: [] });
    expect(
      one.sizeClasses.map(({ side, expected, atRisk }) => ({ side, expected, atRisk })),
    ).toEqual(one.sides.map(({ side, expected, atRisk }) => ({ side, expected, atRisk })));
  });

  it('grows with volatility and horizon, and is less of one side alone', async () => {
    for (const { market, block } of fullest) {
      const risks: LiquidationRisk[] = [];
      for (const [volatility, horizonSeconds] of [
        [0.2, 3_600],
        [0.2, 86_400],
        [0.8, 86_400],
        [1.6, 7 * 86_400],
      ] as const) {
        const drift = 'ZERO_LOG_DRIFT';
        risks.push(
          await ask({ market, atBlock: block, volatility, horizonSeconds, checkSeconds: 0, drift }),
        );
      }
      for (const pick of [
        (one: LiquidationRisk) => usd(one.expected.valueUsd),
        (one: LiquidationRisk) => usd(one.atRiskUsd),
      ]) {
        const values = risks.map(pick);
        expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : 1)));
      }
      const long = await ask({
        market,
        atBlock: block,
        volatility: 0.8,
        checkSeconds: 0,
        side: 'LONG',
        drift: 'ZERO_LOG_DRIFT',
      });
      expect(long.sides).toEqual(risks[2]!.sides.slice(0, 1));
      expect(usd(long.atRiskUsd)).toBe(usd(long.sides[0]!.atRisk.valueUsd));
    }
  });

  it('has no debt where the price is always looked at, and more the longer it is not', async () => {
    let owed = 0n;
    for (const { market, block } of fullest) {
      const debts: bigint[] = [];
      for (const checkSeconds of [0, 1, 60, 3_600, 20_000]) {
        const answer = await ask({ market, atBlock: block, volatility: 1.2, checkSeconds });
        debts.push(sumOf(answer.badDebt!, ({ atRiskUsd }) => atRiskUsd));
      }
      expect(debts).toEqual([...debts].sort((a, b) => (a < b ? -1 : 1)));
      // Nothing moves: only what is liquidatable as it stands may owe.
      const still = await ask({ market, atBlock: block, volatility: 0, checkSeconds: 60 });
      expect(still.expected.count).toBe(still.liquidatable.count);
      if (still.liquidatable.count === 0) {
        expect(sumOf(still.badDebt!, ({ expectedUsd }) => expectedUsd)).toBe(0n);
      }
      owed += debts[3]! - debts[0]!;
    }
    expect(owed).toBeGreaterThan(0n);
  });

  it('is nearly the same by the ledger of levels, which knows no equity', async () => {
    const hours = await store.database.select<{ id: string; block: string }>(
      `SELECT concat(toString(chain_id), ':', venue, ':', market) AS id, toString(max(block_number)) AS block
       FROM margin_spreads WHERE side = '' AND JSONExtractInt(spread, 'open', 'count') > 4 GROUP BY id ORDER BY id`,
    );
    expect(hours.length).toBeGreaterThan(0);
    for (const { id, block } of hours) {
      const question = {
        market: parseMarketId(snapshot, id),
        atBlock: Number(block),
        volatility: 1.5,
      };
      const judged = await ask(question);
      const ledger = await ask({ ...question, levels: 'LEDGER' });
      expect([judged.levels, ledger.levels]).toEqual(['JUDGED', 'LEDGER']);
      expect(ledger.open.count).toBe(judged.open.count);
      expect(ledger.unplaced.count).toBe(judged.unplaced.count);
      expect(ledger.badDebt).toBeNull();
      // A level stays as it was until its cell of 5 bps is another.
      const off = Number(ledger.expected.valueUsd) - Number(judged.expected.valueUsd);
      expect(Math.abs(off)).toBeLessThanOrEqual(Number(judged.expected.valueUsd) * 0.02);
      expect(Math.abs(ledger.expected.count - judged.expected.count)).toBeLessThan(0.1);
      expect(ledger.provenance.caveats.join()).toContain('levels LEDGER');
    }
  });

  it('is measured by the feed where nothing is given, and says so', async () => {
    const { market, block } = markets[0]!;
    const answer = await ask({ market, atBlock: block });
    expect(answer).toMatchObject({ volatilityWindow: 'ONE_HOUR', checkSource: 'FEED_MEAN' });
    expect(answer.volatility).toBeGreaterThan(0.01);
    expect(answer.provenance.basis).toBe('MODELED');
    expect(answer.provenance.caveats.join(' ')).toMatch(/Brownian.*martingale.*EWMA.*0\.5826/);
    const given = await ask({ market, atBlock: block, volatility: answer.volatility });
    expect(given.sides).toEqual(answer.sides);
    expect(given.volatilityWindow).toBeNull();
  });

  it('refuses what is no model', async () => {
    const { market } = markets[0]!;
    for (const wrong of [
      { confidence: 1 },
      { confidence: 0 },
      { volatility: -1 },
      { checkSeconds: -1 },
      { horizonSeconds: 0 },
    ]) {
      await expect(ask({ market, ...wrong })).rejects.toThrow('no model');
    }
  });
});

function walkOf(volatility: number) {
  return {
    deviation: volatility * Math.sqrt(86_400 / SECONDS_PER_YEAR),
    drift: 'MARTINGALE',
  } as const;
}

function sumOf<Row>(rows: readonly Row[], pick: (row: Row) => string): bigint {
  return rows.reduce((sum, row) => sum + usd(pick(row)), 0n);
}

function share(probability: number): bigint {
  return BigInt(Math.round(probability * 1e12)) * 10n ** 18n;
}

/** What marginAt's words make a level of: distance, and size at the liquidation price. */
function placedOf({ source, venue }: MarketRef, open: readonly Open[], side: Side) {
  return open.flatMap(({ side: of, sizeBase, point }) => {
    const { liquidationPrice: price, distance, isLiquidatable } = point;
    if (of !== side || (price === null && !isLiquidatable)) return [];
    const { decimals } = tokenOf(source, venue, point.indexPrice.token.address);
    const valueUsd =
      price === null ? usd(point.notionalUsd) : (sizeBase * usd(price)) / 10n ** BigInt(decimals!);
    return [{ distance: isLiquidatable ? 0 : distance!, valueUsd }];
  });
}

async function readOpen(
  store: OpenStore,
  snapshot: Snapshot,
  ref: MarketRef,
  block: number,
): Promise<Open[]> {
  const rows = await store.database.select<{
    id: string;
    isLong: boolean;
    base: string;
    size: string;
  }>(`
    SELECT concat(toString(chain_id), ':', venue, ':', position_key) AS id, argMax(is_long, (block_number, log_index, sub_index)) AS isLong,
      toString(argMax(size_base, (block_number, log_index, sub_index))) AS base,
      toString(argMax(size_usd, (block_number, log_index, sub_index))) AS size
    FROM position_states
    WHERE chain_id = ${ref.source.chainId} AND venue = '${ref.venue}' AND market = '${ref.market}' AND block_number <= ${block}
    GROUP BY chain_id, venue, position_key
    HAVING argMax(status, (block_number, log_index, sub_index)) = 'OPEN'`);
  const open: Open[] = [];
  for (const row of rows) {
    const point = await marginAt(snapshot, { position: parsePositionId(snapshot, row.id), block });
    if (!point) continue;
    open.push({
      id: row.id,
      side: row.isLong ? 'LONG' : 'SHORT',
      sizeBase: BigInt(row.base),
      sizeUsd: BigInt(row.size),
      point,
    });
  }
  return open;
}
