import * as events from '../../../../indexer/protocols/mux3/events.ts';
import { type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';

/** Contracts, accounts and logs that the tests make up. */
export const MUX3 = '0x85c8f4a67f4f9ad7b38e875c8fede7f4c878bfac';
export const EMITTER = '0xff5bb66f074efec32daca30f562e55e19f1ed758';
export const OWNER = `0x${'11'.repeat(20)}`;
export const USDC = `0x${'5d'.repeat(20)}`;
export const WETH = `0x${'ee'.repeat(20)}`;
export const POOL_A = `0x${'a1'.repeat(20)}`;
export const POOL_B = `0x${'b2'.repeat(20)}`;
export const PROVIDER = `0x${'0f'.repeat(20)}`;
/** Accounts of one owner: index 0 may hold several markets, index 1 one only. */
export const SHARED = `${OWNER}${'0'.repeat(24)}`;
export const SINGLE = `${OWNER}${'0'.repeat(23)}1`;
export const ETH_LONG = `0x${'e1'.repeat(32)}`;
export const BTC_SHORT = `0x${'b2'.repeat(32)}`;
export const ETH_ORACLE = `0x${'0e'.repeat(32)}`;
export const WAD = 10n ** 18n;
export const USD = 10n ** 30n;

export const tokenOracle = (token: string) => `${token}${'0'.repeat(24)}`;

export interface Where {
  readonly block?: number;
  readonly transaction?: number;
  readonly timestamp?: number;
}

export interface Trade {
  readonly positionId?: string;
  readonly marketId?: string;
  readonly isLong?: boolean;
  readonly size: bigint;
  readonly price?: bigint;
  readonly pools?: readonly string[];
  readonly newSizes: readonly bigint[];
  readonly newEntryPrices?: readonly bigint[];
  readonly poolPnlUsds?: readonly bigint[];
  readonly positionFeeUsd?: bigint;
  readonly borrowingFeeUsd?: bigint;
  readonly collateral?: readonly (readonly [token: string, amount: bigint])[];
}

export function argumentsOf(trade: Trade) {
  const collateral = trade.collateral ?? [[USDC, 1000n * WAD]];
  return {
    owner: OWNER,
    positionId: trade.positionId ?? SINGLE,
    marketId: trade.marketId ?? ETH_LONG,
    isLong: trade.isLong ?? true,
    size: trade.size,
    tradingPrice: trade.price ?? 2000n * WAD,
    backedPools: trade.pools ?? [POOL_A],
    allocations: trade.newSizes.map(() => 0n),
    newSizes: trade.newSizes,
    newEntryPrices: trade.newEntryPrices ?? trade.newSizes.map(() => 2000n * WAD),
    poolPnlUsds: trade.poolPnlUsds ?? trade.newSizes.map(() => 0n),
    positionFeeUsd: trade.positionFeeUsd ?? 0n,
    borrowingFeeUsd: trade.borrowingFeeUsd ?? 0n,
    newCollateralTokens: collateral.map(([token]) => token),
    newCollateralAmounts: collateral.map(([, amount]) => amount),
  };
}

export const opened = (trade: Trade, where?: Where): EncodedLog =>
  encodeLog(MUX3, events.openPosition, argumentsOf(trade), where);
export const closed = (trade: Trade, where?: Where): EncodedLog =>
  encodeLog(MUX3, events.closePosition, argumentsOf(trade), where);
export const liquidated = (trade: Trade, where?: Where): EncodedLog =>
  encodeLog(MUX3, events.liquidatePosition, argumentsOf(trade), where);

export const priceSet = (oracleId: string, price: bigint, where?: Where): EncodedLog =>
  encodeLog(
    MUX3,
    events.setPrice,
    { oracleId, provider: PROVIDER, price, timestamp: 1_699_999_998n },
    where,
  );

export const borrowingFee = (
  marketId: string,
  borrowingFeeUsd: bigint,
  where?: Where & { positionId?: string },
): EncodedLog => {
  const { positionId = SINGLE, ...place } = where ?? {};
  const args = { owner: OWNER, positionId, marketId, borrowingFeeUsd };
  return encodeLog(MUX3, events.updatePositionBorrowingFee, args, place);
};

export const finished = (
  positionId: string,
  collateral: readonly (readonly [token: string, amount: bigint])[],
  where?: Where,
): EncodedLog =>
  encodeLog(
    MUX3,
    events.depositWithdrawFinish,
    {
      owner: OWNER,
      positionId,
      borrowingFeeUsd: 0n,
      newCollateralTokens: collateral.map(([token]) => token),
      newCollateralAmounts: collateral.map(([, amount]) => amount),
    },
    where,
  );
