import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contractLiquidationPrice, rolloverFee } from '../../margin/rules/avantis/liquidation.ts';
import { avantisRules } from '../../margin/rules/avantis/rules.ts';

interface Answer {
  readonly build: string;
  readonly liqThreshold: string;
  readonly collateral: string;
  readonly leverage: string;
  readonly openPrice: string;
  readonly isLong: boolean;
  readonly acc: readonly [string, string];
  readonly rollover: string;
  readonly liqPrice: string;
}

const path = new URL('../fixtures/avantis/contract-answers.jsonl.gz', import.meta.url);
const answers = gunzipSync(readFileSync(path))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

function tradeOf(row: Answer) {
  return {
    positionKey: '0x01',
    market: '1',
    isLong: row.isLong,
    collateral: BigInt(row.collateral),
    leverage: BigInt(row.leverage),
    openPrice: BigInt(row.openPrice),
    openInterest: (BigInt(row.collateral) * BigInt(row.leverage)) / 10n ** 10n,
    initialAccRollover: BigInt(row.acc[0]),
  };
}

describe('Avantis against the code of its contract', () => {
  it('has answers of both published builds, which set a threshold of 85 %', () => {
    expect(answers).toHaveLength(300);
    expect(new Set(answers.map(({ build }) => build))).toEqual(new Set(['4dad6bf', 'db171fd']));
    expect(new Set(answers.map(({ liqThreshold }) => liqThreshold))).toEqual(new Set(['85']));
  });

  it('gives the same rollover fee and liquidation price in every row', () => {
    const exact = answers.filter((row) => {
      const trade = tradeOf(row);
      const fee = rolloverFee(BigInt(row.acc[0]), BigInt(row.acc[1]), trade);
      const price = contractLiquidationPrice(trade, BigInt(row.liqThreshold), fee);
      return fee.toString() === row.rollover && price.toString() === row.liqPrice;
    });
    expect(exact).toHaveLength(answers.length);
  });

  it('is liquidatable at that price and not one unit to the safe side', () => {
    for (const row of answers) {
      const at = (price: bigint) => {
        const acc = BigInt(row.acc[1]);
        return avantisRules.assess({
          position: tradeOf(row),
          market: { market: '1', accRolloverLong: acc, accRolloverShort: acc, accruedToBlock: 9 },
          parameters: new Map([[':liqThreshold', BigInt(row.liqThreshold)]]),
          prices: new Map([['avantis:1', { min: price, max: price }]]),
          timestamp: 0,
        });
      };
      const flip = BigInt(row.liqPrice);
      const judged = at(flip);
      expect(judged).toMatchObject({ isLiquidatable: true, liquidationPrice: flip });
      expect(at(flip + (row.isLong ? 1n : -1n)).isLiquidatable).toBe(false);
      // Put back, it gives the requirement, within what one unit of the price is worth.
      const perUnit = judged.notionalUsd / BigInt(row.openPrice) + 10n ** 25n;
      const gap = judged.equityUsd - judged.maintenanceMarginUsd;
      expect(gap <= perUnit && gap >= -perUnit).toBe(true);
    }
  });
});
