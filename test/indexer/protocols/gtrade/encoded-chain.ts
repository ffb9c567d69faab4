import type { AbiEvent } from 'viem';
import { gtrade } from '../../../../indexer/protocols/gtrade/index.ts';
import type {
  ChainReader,
  NormalizedBatch,
} from '../../../../indexer/protocols/protocol-adapter.ts';
import { batchOf, encodeLog } from '../../../contracts/event-arguments.ts';

/** Encoded logs of Arbitrum's diamond, read as one chain; values are viem's. */
export const USER = `0x${'11'.repeat(20)}`;
export const KEEPER = `0x${'22'.repeat(20)}`;
const DIAMOND = '0xff162c694eaa571f685030649814282ea457f169';

export type Sketch = readonly [AbiEvent, Readonly<Record<string, unknown>>];

export class EncodedChain {
  readonly reader: ChainReader;
  #block = 300_000_000;

  constructor() {
    const reader = gtrade.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
    if (!reader) throw new Error('no reader');
    this.reader = reader;
  }

  /** One transaction in a block of its own. */
  transaction(...sketches: readonly Sketch[]): NormalizedBatch {
    const logs = sketches.map(([event, values]) => encodeLog(event, values));
    this.#block += 1;
    return this.reader.normalize(
      batchOf(logs, {
        chainId: 42161,
        address: DIAMOND,
        isOneTransaction: true,
        firstBlock: this.#block,
      }),
    );
  }
}

export const ID = { user: USER, index: 7 };
export const ORDER_ID = { user: USER, index: 40 };
export const PRICE_ONE = 10n ** 10n;

/** 100 USDC at 10x, long ETH/USD from 3,000. */
export const TRADE = {
  user: USER,
  index: 7,
  pairIndex: 1,
  leverage: 10_000,
  long: true,
  isOpen: true,
  collateralIndex: 3,
  tradeType: 0,
  collateralAmount: 100_000_000n,
  openPrice: 3_000n * PRICE_ONE,
  tp: 0n,
  sl: 0n,
  __placeholder: 0n,
};
export const TRADE_V10 = {
  ...TRADE,
  isCounterTrade: false,
  positionSizeToken: 333_333_333_333_333_333n,
  __placeholder: 0,
};
export const INFO_V8 = {
  createdBlock: 1,
  tpLastUpdatedBlock: 1,
  slLastUpdatedBlock: 1,
  maxSlippageP: 1_000,
  lastOiUpdateTs: 1_750_000_000,
  collateralPriceUsd: 100_000_000,
  __placeholder: 0,
};
export const INFO = { ...INFO_V8, contractsVersion: 1, lastPosIncreaseBlock: 1 };
export const PARAMS = {
  maxLiqSpreadP: 500_000_000,
  startLiqThresholdP: 900_000_000_000,
  endLiqThresholdP: 750_000_000_000,
  startLeverage: 25_000,
  endLeverage: 60_000,
};
export const IMPACT = {
  positionSizeToken: 333_333_333_333_333_333n,
  fixedSpreadP: 0n,
  cumulVolPriceImpactP: 0n,
  skewPriceImpactP: 0n,
  totalPriceImpactP: 0n,
  priceAfterImpact: 2_701n * PRICE_ONE,
};
/** Half as much again on that trade, at 3,300. */
export const PARTIAL_INCREASE = {
  positionSizeCollateralDelta: 500_000_000n,
  existingPositionSizeCollateral: 1_000_000_000n,
  newPositionSizeCollateral: 1_500_000_000n,
  newCollateralAmount: 150_000_000n,
  newLeverage: 10_000n,
  priceAfterImpact: 3_300n * PRICE_ONE,
  existingPnlCollateral: 0n,
  oldPosSizePlusPnlCollateral: 0n,
  newOpenPrice: 3_093n * PRICE_ONE,
  borrowingFeeCollateral: 0n,
  openingFeesCollateral: 0n,
  existingLiqPrice: 0n,
  newLiqPrice: 0n,
  priceImpact: { ...IMPACT, priceAfterImpact: 3_300n * PRICE_ONE },
  isCounterTradeValidated: false,
  exceedingPositionSizeCollateral: 0n,
  counterTradeCollateralToReturn: 0n,
  newEffectiveLeverage: 0n,
};
