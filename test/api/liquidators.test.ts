import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { Liquidators } from '../../api/queries/liquidators.ts';
import { concentrationOf } from '../../api/queries/liquidators-concentration.ts';
import { type LiquidatorSpeed, rankSpeeds } from '../../api/queries/liquidators-speed.ts';
import type { RealizedLiquidations } from '../../api/queries/realized-by-interval.ts';
import { parseFixed } from '../../schema/units.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const GMX = 42_161;
const SYNTHETIX = 31_337;
const usd = (text: string | null | undefined): bigint => parseFixed(text ?? '', 30);
const sum = (values: readonly bigint[]): bigint => values.reduce((total, one) => total + one, 0n);

describe('concentration', () => {
  it('is 1 with one, and 1 ÷ n with n equal ones', () => {
    expect(concentrationOf([7n])).toEqual({ hhi: 1, effectiveNumber: 1, topShare: 1 });
    for (const n of [2, 4, 10]) {
      expect(concentrationOf(Array.from({ length: n }, () => 10n ** 33n))).toEqual({
        hhi: 1 / n,
        effectiveNumber: n,
        topShare: 1 / n,
      });
    }
  });

  it('grows when a part moves to the largest, whatever the order', () => {
    const before = concentrationOf([50n, 30n, 20n]);
    expect(before).toEqual(concentrationOf([20n, 50n, 30n]));
    expect(before?.hhi).toBeCloseTo(0.25 + 0.09 + 0.04, 12);
    expect(concentrationOf([60n, 30n, 10n])?.hhi).toBeGreaterThan(before?.hhi ?? 1);
    expect(concentrationOf([])).toBeNull();
    expect(concentrationOf([0n])).toBeNull();
  });
});

describe('speed of liquidators', () => {
  it('ranks by the median, with the order statistics that enclose it', () => {
    const speeds = rankSpeeds(
      new Map([
        ['0xslow', [30, 10, 20]],
        ['0xfast', Array.from({ length: 21 }, (_, index) => index)],
        ['0xalso', [10]],
      ]),
    );
    // Of 21 values the 6th and the 16th enclose the median with 97.3 %.
    expect(speeds).toEqual([
      {
        address: '0xalso',
        rank: 1,
        n: 1,
        medianSeconds: 10,
        lowerSeconds: null,
        upperSeconds: null,
      },
      { address: '0xfast', rank: 1, n: 21, medianSeconds: 10, lowerSeconds: 5, upperSeconds: 15 },
      {
        address: '0xslow',
        rank: 3,
        n: 3,
        medianSeconds: 20,
        lowerSeconds: null,
        upperSeconds: null,
      },
    ]);
  });
});

describe('liquidators and realized liquidations of the bundled archives', () => {
  let store: OpenStore;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-crash-2023-08-17', 'synthetix-v2-crash-2023-08-17');
    ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('shows the one keeper of GMX, whom nobody pays in the transaction', async () => {
    const answer = await liquidatorsOf(GMX);
    expect(answer.count).toBe(54);
    expect(answer.byNotional).toEqual({ hhi: 1, effectiveNumber: 1, topShare: 1 });
    const [keeper] = answer.liquidators;
    expect(keeper).toMatchObject({ count: 54, share: 1, paidUsd: '0', unprofitableCount: 54 });
    expect(answer.penaltyRecipients.every(({ isSender }) => !isSender)).toBe(true);
    expect(answer.penaltyRecipients[0]?.description).toContain('earns nothing');
    const costs = await transactionsOfLiquidations();
    expect(keeper?.gasWei).toBe(sum(costs.map(({ gas }) => BigInt(gas))).toString());
    // ETH stood between 1,550 and 1,850 USD.
    const ether = Number(keeper?.gasWei) / 1e18;
    expect(Number(keeper?.gasUsd)).toBeGreaterThan(ether * 1_550);
    expect(Number(keeper?.gasUsd)).toBeLessThan(ether * 1_850);
    expect(usd(keeper?.netUsd)).toBe(-usd(keeper?.gasUsd));
  });

  it('pays flaggers and liquidators of Synthetix what the logs say, and the rest to stakers', async () => {
    const answer = await liquidatorsOf(SYNTHETIX);
    const [fees] = await store.database.select<{ paid: string; stakers: string; penalty: string }>(
      `SELECT toString(sum(toInt256(JSONExtractString(details, 'flaggerFee'))
           + toInt256(JSONExtractString(details, 'liquidatorFee')))) AS paid,
         toString(sum(toInt256(JSONExtractString(details, 'stakersFee')))) AS stakers,
         toString(sum(penalty_usd)) AS penalty
       FROM liquidations WHERE chain_id = ${SYNTHETIX}`,
    );
    const paid = sum(answer.liquidators.map(({ paidUsd }) => usd(paidUsd)));
    expect(paid).toBe(BigInt(fees?.paid ?? 0) * 10n ** 12n);
    expect(paid + BigInt(fees?.stakers ?? 0) * 10n ** 12n).toBe(BigInt(fees?.penalty ?? 0));
    expect(answer.liquidators.reduce((n, one) => n + one.count, 0)).toBe(87);
    expect(answer.liquidators.reduce((n, one) => n + one.flagCount, 0)).toBe(87);
    expect(
      answer.liquidators.every(({ gasUsd, netUsd }) => gasUsd === null && netUsd === null),
    ).toBe(true);
    expect(answer.provenance.caveats.join()).toContain('No feed prices');
    expect(answer.byCount?.effectiveNumber).toBeCloseTo(
      87 ** 2 / (17 ** 2 + 2 * 25 ** 2 + 20 ** 2),
      12,
    );
    expect(answer.byNotional?.topShare).toBe(answer.liquidators[0]?.share);
    expect(answer.speeds.reduce((n, one) => n + one.n, 0)).toBe(87);
  });

  it('says why it counts no failed attempts, and counts them where some are indexed', async () => {
    const none = await liquidatorsOf(SYNTHETIX);
    expect(none.failedAttempts).toBeNull();
    expect(none.failedAttemptsNote).toContain('No failed transaction');
    const [one] = await store.database.select<{ block: string; hash: string }>(
      `SELECT toString(block_number) AS block, transaction_hash AS hash FROM liquidations
       WHERE chain_id = ${SYNTHETIX} ORDER BY block_number LIMIT 1`,
    );
    await store.database.command(
      `INSERT INTO transactions SELECT * REPLACE(0 AS status, 900 AS transaction_index) FROM transactions
       WHERE chain_id = ${SYNTHETIX} AND block_number = ${one?.block} AND concat('0x', lower(hex(transaction_hash))) = '${one?.hash}'`,
    );
    const planted = await liquidatorsOf(SYNTHETIX);
    expect(planted).toMatchObject({ failedAttempts: 1, failedAttemptsNote: null });
    expect(planted.liquidators.filter(({ failedAttempts }) => failedAttempts === 1)).toHaveLength(
      1,
    );
    // As of a block before it nothing had failed yet.
    const before = await liquidatorsOf(SYNTHETIX, Number(one?.block) - 1);
    expect(before).toMatchObject({ count: 0, failedAttempts: null, byNotional: null });
  });

  it.each(['P1D', 'PT1H', 'PT1S'])(
    'sums intervals of %s to the totals of the list',
    async (step) => {
      for (const chainId of [GMX, SYNTHETIX]) {
        const { realizedLiquidations, liquidations } = await realizedOf(chainId, step);
        const { rows, totals } = realizedLiquidations;
        expect(totals).toEqual(liquidations.totals);
        expect(totals).toEqual({
          count: rows.reduce((n, row) => n + row.count, 0),
          closedSizeUsd: totalText(rows.map((row) => row.closedSizeUsd)),
          penaltyUsd: totalText(rows.map((row) => row.penaltyUsd)),
          badDebtUsd: totalText(rows.map((row) => row.badDebtUsd)),
          insolventCount: rows.reduce((n, row) => n + row.insolventCount, 0),
        });
      }
    },
  );

  it('puts each liquidation in its interval, side and class', async () => {
    const { realizedLiquidations } = await realizedOf(GMX, 'PT10M');
    const facts = await store.database.select<Fact>(
      `SELECT toString(block_timestamp) AS time, is_long AS isLong, account, toString(abs(size_delta_usd)) AS size,
         toString(collateral_raw * collateral_price_min) AS collateral
       FROM liquidations WHERE chain_id = ${GMX}`,
    );
    let found = 0;
    for (const row of realizedLiquidations.rows) {
      const own = facts.filter(
        ({ time, isLong, size }) =>
          Number(time) >= Date.parse(row.fromTime) / 1000 &&
          Number(time) < Date.parse(row.toTime) / 1000 &&
          (isLong ? 'LONG' : 'SHORT') === row.side &&
          BigInt(size) >= usd(row.sizeFromUsd) &&
          (row.sizeToUsd === null || BigInt(size) < usd(row.sizeToUsd)),
      );
      expect(row).toMatchObject({
        count: own.length,
        accounts: new Set(own.map(({ account }) => account)).size,
        liquidators: 1,
      });
      expect(usd(row.closedSizeUsd)).toBe(sum(own.map(({ size }) => BigInt(size))));
      expect(usd(row.collateralUsd)).toBe(sum(own.map(({ collateral }) => BigInt(collateral))));
      found += own.length;
    }
    expect(found).toBe(54);
  });

  it('splits by the classes asked for, which sum to the same totals, and refuses bounds that do not rise', async () => {
    const whole = await realizedOf(GMX, 'P1D');
    const usual = whole.realizedLiquidations.rows;
    for (const bounds of [[], [5_000], [2_500, 5_000, 40_000, 1_000_000]]) {
      const { realizedLiquidations: split } = await realizedOf(GMX, 'P1D', bounds);
      expect(split.totals).toEqual(whole.realizedLiquidations.totals);
      expect(split.sizeBoundsUsd).toEqual(bounds);
      expect(split.rows.reduce((n, row) => n + row.count, 0)).toBe(54);
      expect(totalText(split.rows.map((row) => row.closedSizeUsd))).toBe(
        split.totals.closedSizeUsd,
      );
      const starts = new Set(split.rows.map((row) => row.sizeFromUsd));
      for (const start of starts) expect([0, ...bounds].map(String)).toContain(start);
      if (bounds.length === 4) expect(starts.size).toBeGreaterThan(2);
      expect(split.rows).not.toEqual(usual);
    }
    for (const wrong of [[0], [10, 10], [20, 10]]) {
      const { errors } = await ask(
        `{ realizedLiquidations(chainId: ${GMX}, sizeBoundsUsd: [${wrong.join()}]) { stepSeconds } }`,
      );
      expect(errors?.[0]?.message).toContain('not bounds of size classes');
    }
  });

  it('refuses an interval of nothing', async () => {
    const { errors } = await ask(
      `{ realizedLiquidations(chainId: ${GMX}, interval: 0) { stepSeconds } }`,
    );
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message).not.toContain('Internal');
  });

  async function liquidatorsOf(
    chainId: number,
    atBlock?: number,
  ): Promise<Liquidators & { speeds: LiquidatorSpeed[] }> {
    const { liquidators } = await dataOf(
      ask<{ liquidators: Liquidators & { speeds: LiquidatorSpeed[] } }>(
        `query ($chainId: Int, $atBlock: Int) { liquidators(chainId: $chainId, atBlock: $atBlock) {
          provenance { caveats } count failedAttempts failedAttemptsNote
          byNotional { hhi effectiveNumber topShare } byCount { hhi effectiveNumber topShare }
          penaltyRecipients { recipient isSender description }
          liquidators { address count flagCount share paidUsd gasWei gasUsd netUsd unprofitableCount failedAttempts }
          speeds { address n medianSeconds } } }`,
        { chainId, atBlock },
      ),
    );
    return liquidators;
  }

  function realizedOf(chainId: number, interval: string, bounds?: readonly number[]) {
    return dataOf(
      ask<{
        realizedLiquidations: RealizedLiquidations;
        liquidations: { totals: RealizedLiquidations['totals'] };
      }>(
        `query ($chainId: Int, $interval: Duration, $bounds: [Int!]) {
          realizedLiquidations(chainId: $chainId, interval: $interval, sizeBoundsUsd: $bounds) {
            sizeBoundsUsd totals { count closedSizeUsd penaltyUsd badDebtUsd insolventCount }
            rows { fromTime toTime side sizeFromUsd sizeToUsd count accounts liquidators closedSizeUsd collateralUsd penaltyUsd badDebtUsd insolventCount } }
          liquidations(chainId: $chainId, first: 1) { totals { count closedSizeUsd penaltyUsd badDebtUsd insolventCount } } }`,
        { chainId, interval, bounds },
      ),
    );
  }

  function transactionsOfLiquidations(): Promise<{ gas: string }[]> {
    return store.database.select<{ gas: string }>(
      `SELECT toString(gas_used * effective_gas_price) AS gas FROM transactions
       WHERE chain_id = ${GMX} AND concat('0x', lower(hex(transaction_hash))) IN
         (SELECT transaction_hash FROM liquidations WHERE chain_id = ${GMX})`,
    );
  }
});

interface Fact {
  readonly time: string;
  readonly isLong: boolean;
  readonly account: string;
  readonly size: string;
  readonly collateral: string;
}

function totalText(values: readonly string[]): string {
  const digits = sum(values.map(usd)).toString().padStart(31, '0');
  const fraction = digits.slice(-30).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -30) : `${digits.slice(0, -30)}.${fraction}`;
}
