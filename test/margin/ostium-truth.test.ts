import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  cappedPercentProfit,
  contractLiquidationPrice,
  fundingFee,
  liquidationMargin,
  maxPercentProfit,
  rolloverFee,
} from '../../margin/rules/ostium/liquidation.ts';
import { ostiumRules } from '../../margin/rules/ostium/rules.ts';

interface Answer {
  readonly thresholdP: string;
  readonly maxLeverage: string;
  readonly leverage: string;
  readonly initialLeverage: string;
  readonly collateral: string;
  readonly openPrice: string;
  readonly isLong: boolean;
  readonly accRollover: readonly [string, string];
  readonly accFunding: readonly [string, string];
  readonly rollover: string;
  readonly funding: string;
  readonly margin: string;
  readonly liqPrice: string;
  readonly flip: string;
  readonly probes: readonly {
    readonly price: string;
    readonly profitP: string;
    readonly maxProfitP: string;
    readonly value: string;
  }[];
}

const path = new URL('../fixtures/ostium/contract-answers.jsonl.gz', import.meta.url);
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
    initialLeverage: BigInt(row.initialLeverage),
    openPrice: BigInt(row.openPrice),
    initialAccRollover: BigInt(row.accRollover[0]),
    initialAccFunding: BigInt(row.accFunding[0]),
  };
}

function judge(row: Answer, price: bigint) {
  return ostiumRules.assess({
    position: tradeOf(row),
    market: {
      market: '1',
      accRollover: BigInt(row.accRollover[1]),
      rolloverBlock: 9,
      accFundingLong: BigInt(row.accFunding[1]),
      accFundingShort: BigInt(row.accFunding[1]),
      fundingBlock: 9,
    },
    parameters: new Map([
      [':liqMarginThresholdP', BigInt(row.thresholdP)],
      ['1:maxLeverage', BigInt(row.maxLeverage)],
    ]),
    prices: new Map([['ostium:1', { min: price, max: price }]]),
    timestamp: 0,
  });
}

describe('Ostium against the code of its contracts', () => {
  it('gives the same fees, margin and liquidation price in every row', () => {
    const exact = answers.filter((row) => {
      const trade = tradeOf(row);
      const [rolloverFrom, rolloverTo] = row.accRollover.map(BigInt) as [bigint, bigint];
      const [fundingFrom, fundingTo] = row.accFunding.map(BigInt) as [bigint, bigint];
      const rollover = rolloverFee(rolloverFrom, rolloverTo, trade);
      const funding = fundingFee(fundingFrom, fundingTo, trade);
      const margin = liquidationMargin(trade, BigInt(row.thresholdP), BigInt(row.maxLeverage));
      const price = contractLiquidationPrice(trade, margin, rollover + funding);
      const ours = [rollover, funding, margin, price].map(String);
      return ours.join() === [row.rollover, row.funding, row.margin, row.liqPrice].join();
    });
    expect(exact).toHaveLength(300);
  });

  it('gives the same profit, value and verdict at every price probed', () => {
    let probed = 0;
    for (const row of answers) {
      const trade = tradeOf(row);
      for (const probe of row.probes) {
        probed += 1;
        const price = BigInt(probe.price);
        const { equityUsd, isLiquidatable } = judge(row, price);
        expect(cappedPercentProfit(price, trade).toString()).toBe(probe.profitP);
        expect(maxPercentProfit(trade).toString()).toBe(probe.maxProfitP);
        expect(isLiquidatable).toBe(probe.value === '0');
        if (!isLiquidatable) expect(equityUsd).toBe(BigInt(probe.value) * 10n ** 24n);
      }
    }
    expect(probed).toBe(2700);
  });

  it('flips at the price at which the contract flips, and not one unit to the safe side', () => {
    for (const row of answers) {
      const flip = BigInt(row.flip);
      expect(judge(row, BigInt(row.openPrice)).liquidationPrice).toBe(flip);
      expect(judge(row, flip).isLiquidatable).toBe(true);
      expect(judge(row, flip + (row.isLong ? 1n : -1n)).isLiquidatable).toBe(false);
    }
  });
});
