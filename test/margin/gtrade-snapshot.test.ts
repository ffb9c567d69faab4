import { describe, expect, it } from 'vitest';
import { assess } from '../../margin/rules/gtrade/assess.ts';
import { sdkAnswer, thresholdOf } from './gtrade-float.ts';
import {
  collateralOf,
  marketOf,
  openTrades,
  parametersOf,
  positionOf,
  pricesOf,
  type RawTrade,
  records,
  SNAPSHOT_BLOCK,
  SNAPSHOT_TIME,
} from './gtrade-snapshot.ts';

/** Each trade's pair at these shares of its entry (the answer holds no prices of pairs). */
const PRICES = [990n, 1_000n, 1_003n] as const;

const judge = (raw: RawTrade, price: bigint) =>
  assess({
    position: positionOf(raw),
    market: marketOf(raw),
    parameters: parametersOf(raw),
    prices: pricesOf(raw, price),
    timestamp: SNAPSHOT_TIME,
    block: SNAPSHOT_BLOCK,
  });
const nameOf = ({ trade }: RawTrade) => `${trade.user}/${trade.index}`;
const sameThreshold = (raw: RawTrade) =>
  Math.abs(Number(judge(raw, BigInt(raw.trade.openPrice)).thresholdP) / 1e12 - thresholdOf(raw)) <
  1e-9;

describe('the 261 open trades of the Arbitrum Sepolia snapshot (testnet)', () => {
  it('are 261 of 321 records, the others resting orders', () => {
    expect(records).toHaveLength(321);
    expect(openTrades).toHaveLength(261);
  });

  it('all get a judgement', () => {
    const refused = openTrades.flatMap((raw) => {
      try {
        const { equityUsd, collateralUsd, unrealizedPnlUsd, priceImpactUsd, totalCostUsd } = judge(
          raw,
          BigInt(raw.trade.openPrice),
        );
        expect(equityUsd).toBe(collateralUsd + unrealizedPnlUsd + priceImpactUsd - totalCostUsd);
        return [];
      } catch (error) {
        return [`${nameOf(raw)}: ${String(error)}`];
      }
    });
    expect(refused).toEqual([]);
  });

  it('have the threshold of the SDK but where the stored parameters are no parameters', () => {
    // Stored by a release before v9.2 under another layout: endLeverage reads 0, startLeverage 13,732,910.
    // The contract compares the leverage with startLeverage and takes startLiqThresholdP; the SDK takes 90 %.
    const different = openTrades.filter((raw) => !sameThreshold(raw));
    expect(different.map((raw) => raw.liquidationParams)).toEqual([
      {
        maxLiqSpreadP: '400000000',
        startLiqThresholdP: '800000000000',
        endLiqThresholdP: '274877906944',
        startLeverage: '12207031',
        endLeverage: '0',
      },
    ]);
  });

  it.each(PRICES)(
    "have the SDK's liquidation price, fees and equity at %d ‰ of the entry",
    (share) => {
      const compared = openTrades.filter(sameThreshold);
      const worst = { price: 0, equity: 0, fees: 0 };
      for (const raw of compared) {
        const price = (BigInt(raw.trade.openPrice) * share) / 1_000n;
        const ours = judge(raw, price);
        const theirs = sdkAnswer(raw, Number(price) / 1e10);
        const tokens = 10 ** collateralOf(raw).collateralConfig.decimals;
        const { min: unit } = ours.collateralPrice;
        const open = Number(raw.trade.openPrice) / 1e10;
        const amount = Number(raw.trade.collateralAmount) / tokens;
        const size = (amount * Number(raw.trade.leverage)) / 1e3;
        // Our integers round by whole units: a tick of the price, a unit of collateral.
        const tick = 2e-10 / open + 4 / (size * tokens);
        const priceError =
          Math.abs(Number(ours.liquidationPrice ?? 0n) / 1e10 - theirs.liquidationPrice) / open;
        const inTokens = (usd: bigint) => Number(usd) / Number(unit) / tokens;
        const scale = amount + Math.abs(theirs.fees) + size;
        const equityError = Math.abs(inTokens(ours.equityUsd) - theirs.equity) / scale;
        const feeError = Math.abs(inTokens(ours.totalCostUsd) - theirs.fees) / scale;
        worst.price = Math.max(worst.price, priceError - tick);
        worst.equity = Math.max(worst.equity, equityError - 4 / (scale * tokens));
        worst.fees = Math.max(worst.fees, feeError - 4 / (scale * tokens));
      }
      expect(compared).toHaveLength(260);
      expect(worst.price).toBeLessThan(1e-9);
      expect(worst.equity).toBeLessThan(1e-9);
      expect(worst.fees).toBeLessThan(1e-9);
    },
  );

  it("have the SDK's funding and borrowing of v10 too, as if they were on the one pair that has both", () => {
    // Pair 2 in USDC: funding and v10 borrowing are switched on, and no trade of the answer is open there.
    const moved = openTrades
      .filter(
        ({ trade, tradeInfo }) =>
          trade.collateralIndex === '3' && tradeInfo.contractsVersion === '2',
      )
      .filter(sameThreshold)
      .map(
        (raw): RawTrade => ({
          ...raw,
          trade: { ...raw.trade, pairIndex: '2', openPrice: '131000000000' },
        }),
      );
    expect(moved).toHaveLength(50);
    for (const raw of moved) {
      const ours = judge(raw, 128_500_000_000n);
      const theirs = sdkAnswer(raw, 12.85);
      const tokens = 1e6 * Number(ours.collateralPrice.min);
      expect(ours.borrowingFeeV2Raw).toBeGreaterThan(0n);
      expect(ours.fundingFeeRaw).not.toBe(0n);
      const size = Number(ours.notionalUsd) / tokens;
      expect(Math.abs(Number(ours.totalCostUsd) / tokens - theirs.fees) / size).toBeLessThan(
        1e-9 + 4e-6 / size,
      );
      expect(
        Math.abs(Number(ours.liquidationPrice) / 1e10 - theirs.liquidationPrice) / 13.1,
      ).toBeLessThan(1e-9 + 4e-6 / size);
    }
  });

  it('put at its liquidation price a trade is liquidatable, and a tick to the safe side it is not', () => {
    let judged = 0;
    for (const raw of openTrades) {
      const position = positionOf(raw);
      if (position.contractsVersion === 2n) continue; // its fees move with the price
      const inputs = {
        position,
        market: marketOf(raw),
        timestamp: SNAPSHOT_TIME,
        block: SNAPSHOT_BLOCK,
      };
      const frozen = new Map(parametersOf(raw));
      // Without open interest in index units no fee depends on the price.
      for (const key of frozen.keys()) if (/:oi(Long|Short)Token/.test(key)) frozen.set(key, 0n);
      const at = (price: bigint) =>
        assess({ ...inputs, parameters: frozen, prices: pricesOf(raw, price) });
      const flip = at(BigInt(raw.trade.openPrice)).liquidationPrice;
      if (flip === null || flip < 2n) continue;
      judged += 1;
      expect(at(flip).isLiquidatable).toBe(true);
      expect(at(flip + (raw.trade.long ? 1n : -1n)).isLiquidatable).toBe(false);
    }
    expect(judged).toBeGreaterThan(180);
  });
});
