import type { Parameters } from '../../inputs.ts';
import { accruedBorrowingFactor } from './borrowing.ts';
import type { Accumulators } from './fees.ts';
import { accrueFunding, type FundingAccrual, latestPerSize } from './funding.ts';
import { type GmxV2Market, type MarketTokens, type Side, sideOf } from './market-state.ts';
import type { GmxV2Position } from './position-state.ts';
import type { MarketPrices } from './venue-inputs.ts';

/** Accumulators of a position's side and collateral brought up to `timestamp`, as a transaction would. */
export function accrueFor(
  position: Pick<GmxV2Position, 'isLong' | 'collateralToken'>,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
  timestamp: number,
): Accumulators {
  const side = sideOf(position.isLong);
  const funding = accrueFunding(market, tokens, parameters, prices, timestamp);
  return {
    borrowingFactor: accruedBorrowingFactor(market, side, tokens, parameters, prices, timestamp),
    ...fundingOf(position.collateralToken, side, market, tokens, funding),
  };
}

function fundingOf(
  collateralToken: string,
  side: Side,
  market: GmxV2Market,
  tokens: MarketTokens,
  funding: FundingAccrual,
): Omit<Accumulators, 'borrowingFactor'> {
  const pays = funding.payer === side;
  const claimable = market.claimablePerSize[side];
  const fee = collateralToken === tokens.long ? funding.feePerSize.long : funding.feePerSize.short;
  return {
    fundingFeePerSize: latestPerSize(
      market.fundingPerSize[side][collateralToken] ?? 0n,
      pays ? fee : 0n,
      tokens,
    ),
    claimableLongPerSize: latestPerSize(
      claimable[tokens.long] ?? 0n,
      pays ? 0n : funding.claimablePerSize.long,
      tokens,
    ),
    claimableShortPerSize: latestPerSize(
      claimable[tokens.short] ?? 0n,
      pays ? 0n : funding.claimablePerSize.short,
      tokens,
    ),
  };
}
