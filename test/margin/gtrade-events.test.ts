import type { AbiEvent } from 'viem';
import { describe, expect, it } from 'vitest';
import * as executions from '../../indexer/protocols/gtrade/execution-events.ts';
import * as fees from '../../indexer/protocols/gtrade/fee-events.ts';
import { gtrade } from '../../indexer/protocols/gtrade/index.ts';
import * as markets from '../../indexer/protocols/gtrade/market-events.ts';
import * as trades from '../../indexer/protocols/gtrade/trade-events.ts';
import { feedKey, type PriceRange } from '../../margin/inputs.ts';
import type { GtradePosition } from '../../margin/rules/gtrade/position-state.ts';
import { gtradeRules } from '../../margin/rules/gtrade/rules.ts';
import { decodeState, encodeState } from '../../margin/state-codec.ts';
import { archiveManifestSchema } from '../../schema/archive-manifest.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import { batchOf, encodeLog } from '../contracts/event-arguments.ts';
import {
  ID,
  INFO,
  ORDER_ID,
  PARAMS,
  PRICE_ONE,
  type Sketch,
  TRADE,
  USER,
} from '../indexer/protocols/gtrade/encoded-chain.ts';

/**
 * From encoded logs to the margin. The events carry liqPrice from v9.2 on; what it depends on and no
 * event states is the pair's spread and fee group (a manifest's), so those alone are given.
 */
const DIAMOND = '0xff162c694eaa571f685030649814282ea457f169';
const FROM = 300_000_000;

function manifest(pair: Record<string, string>) {
  return archiveManifestSchema.parse({
    name: 'encoded-gtrade',
    chainId: 42161,
    chain: 'arbitrum',
    fromBlock: FROM - 1,
    toBlock: FROM + 10,
    description: 'encoded',
    provenance: 'encoded',
    synthetic: true,
    protocols: {
      gtrade: {
        diamond: DIAMOND,
        pairs: [{ index: 1, from: 'ETH', to: 'USD' }],
        collaterals: [{ index: 3, address: `0x${'ab'.repeat(20)}`, symbol: 'USDC', decimals: 6 }],
        initialParameters: { asOfBlock: FROM - 1, global: {}, markets: { '1': pair } },
      },
    },
  });
}

/** The events folded in order, as the projector folds them. */
function fold(sketches: readonly Sketch[], pair: Record<string, string>) {
  const reader = gtrade.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: manifest(pair) });
  if (!reader) throw new Error('no reader');
  const logs = sketches.map(([event, values]) => encodeLog(event as AbiEvent, values));
  const place = { chainId: 42161, address: DIAMOND, isOneTransaction: true, firstBlock: FROM };
  const { events, deadLetters } = reader.normalize(batchOf(logs, place));
  expect(deadLetters).toEqual([]);
  const parameters = new Map<string, bigint>();
  const prices = new Map<string, PriceRange>();
  let market = gtradeRules.initialMarket('1');
  let position: GtradePosition | null = null;
  const apply = (event: DomainEvent) => {
    if (event.kind === 'parameter') {
      const change = gtradeRules.parameterOf(event);
      if (change) parameters.set(change.key, change.value);
    } else if (event.kind === 'oracle') {
      prices.set(feedKey('gtrade', event.token), { min: event.minPrice, max: event.maxPrice });
    } else if (event.kind === 'market' && event.market === '1') {
      market = gtradeRules.evolveMarket(market, event, { parameters, prices });
    } else if (event.kind === 'position') {
      position ??= gtradeRules.initialPosition(event);
      position = gtradeRules.evolvePosition(position, event, market);
    }
  };
  for (const event of [...reader.initialEvents(), ...events]) apply(event);
  if (position === null) throw new Error('no position');
  // States are stored as text: what comes back must judge alike.
  const restored = decodeState<typeof position>(encodeState(position));
  return { position: restored, market, parameters, prices, timestamp: 1_750_000_000 };
}

const LIQ_PRICE = 27_328_500_000_000n; // 2,732.85
const sketches: readonly Sketch[] = [
  [
    markets.feeUpdatedV92,
    {
      index: 0n,
      feeGroup: {
        totalPositionSizeFeeP: 600_000_000,
        totalLiqCollateralFeeP: 0,
        oraclePositionSizeFeeP: 0,
        minPositionSizeUsd: 1_250_000,
        __placeholder: 0n,
      },
    },
  ],
  [
    markets.borrowingPairGroupUpdated,
    { collateralIndex: 3, pairIndex: 1, prevGroupIndex: 0, newGroupIndex: 1 },
  ],
  [
    markets.borrowingGroupAccFeesUpdated,
    {
      collateralIndex: 3,
      groupIndex: 1,
      currentBlock: BigInt(FROM),
      accFeeLong: 70n,
      accFeeShort: 0n,
    },
  ],
  [
    markets.borrowingPairAccFeesUpdatedV8,
    {
      collateralIndex: 3,
      pairIndex: 1,
      currentBlock: BigInt(FROM),
      accFeeLong: 50n,
      accFeeShort: 0n,
    },
  ],
  [
    fees.borrowingInitialAccFeesStoredV9,
    {
      collateralIndex: 3,
      trader: USER,
      pairIndex: 1,
      index: 7,
      long: true,
      initialPairAccFee: 50n,
      initialGroupAccFee: 70n,
    },
  ],
  [trades.tradeStoredV92, { ...ID, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS }],
  [
    executions.marketExecutedV92,
    {
      orderId: ORDER_ID,
      ...ID,
      t: TRADE,
      open: true,
      oraclePrice: 2_999n * PRICE_ONE,
      marketPrice: 0n,
      liqPrice: LIQ_PRICE,
      priceImpactP: 0n,
      percentProfit: 0n,
      amountSentToTrader: 0n,
      collateralPriceUsd: 100_000_000n,
    },
  ],
];
const PAIR = { spreadP: '400000000', feeIndex: '0', groupIndex: '0' };

describe('a trade read from its logs', () => {
  it('has the liquidation price of the log', () => {
    // 3,000 × (90 − 0.06 % of the least size 1,250) ÷ 1,000 = 267.75 away; the spread 0.02 % brings 0.60 back
    const judged = gtradeRules.assess(fold(sketches, PAIR));
    expect(judged.liquidationPrice).toBe(LIQ_PRICE);
    expect(judged).toMatchObject({
      isLiquidatable: false,
      collateralUsd: 100n * 10n ** 30n,
      maintenanceMarginUsd: 10n * 10n ** 30n,
      positionFeeUsd: 75n * 10n ** 28n,
      borrowFeeUsd: 0n,
      priceImpactUsd: -20n * 10n ** 28n,
      indexPrice: { min: 2_999n * PRICE_ONE },
    });
  });

  it('reads the feeds of its pair and collateral', () => {
    const { market } = fold(sketches, PAIR);
    expect(gtradeRules.feedsOf(market)).toEqual([
      { venue: 'gtrade', token: '1' },
      { venue: 'gtrade', token: `0x${'ab'.repeat(20)}` },
    ]);
  });

  it.each(['spreadP', 'feeIndex'])('is not judged without the %s that no event states', (name) => {
    const pair = Object.fromEntries(Object.entries(PAIR).filter(([key]) => key !== name));
    expect(() => gtradeRules.assess(fold(sketches, pair))).toThrow('is not known');
  });

  it('takes over the parameters of its group at a partial increase', () => {
    const group = { ...PARAMS, startLiqThresholdP: 800_000_000_000 };
    const after: readonly Sketch[] = [
      ...sketches,
      [markets.groupLiquidationParamsUpdated, { index: 0n, params: group }],
      [
        trades.tradePositionUpdatedV92,
        {
          ...ID,
          collateralAmount: 150_000_000n,
          leverage: 10_000,
          openPrice: TRADE.openPrice,
          newTp: 0n,
          newSl: 0n,
          isPartialIncrease: true,
          isPnlPositive: false,
        },
      ],
      [
        executions.positionSizeIncreaseExecutedV92,
        {
          orderId: ORDER_ID,
          cancelReason: 0,
          collateralIndex: 3,
          trader: USER,
          pairIndex: 1n,
          index: 7n,
          long: true,
          oraclePrice: 1n,
          collateralPriceUsd: 100_000_000n,
          collateralDelta: 0n,
          leverageDelta: 0n,
          values: {
            positionSizeCollateralDelta: 500_000_000n,
            existingPositionSizeCollateral: 1_000_000_000n,
            newPositionSizeCollateral: 1_500_000_000n,
            newCollateralAmount: 0n,
            newLeverage: 0n,
            priceAfterImpact: 1n,
            existingPnlCollateral: 0n,
            oldPosSizePlusPnlCollateral: 0n,
            newOpenPrice: 0n,
            borrowingFeeCollateral: 0n,
            openingFeesCollateral: 0n,
            existingLiqPrice: 0n,
            newLiqPrice: 0n,
          },
        },
      ],
    ];
    const judged = gtradeRules.assess(fold(after, PAIR));
    expect(judged.maintenanceMarginUsd).toBe(30n * 10n ** 30n);
    expect(judged.collateralUsd).toBe(150n * 10n ** 30n);
  });
});
