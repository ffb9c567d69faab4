import { CorruptDataError } from '../../../schema/errors.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { MarginAssessment } from '../../assessment.ts';
import { flipPrice } from '../../flip-price.ts';
import { type Feed, type Parameters, parameterKey } from '../../inputs.ts';
import type { AssessmentInput, VenueRules } from '../../venue-rules.ts';
import {
  closedTrade,
  describeTrade,
  known,
  positive,
  priceOf,
  requiredParameter,
  worsePrice,
} from '../leveraged-trade.ts';
import {
  cappedPercentProfit,
  contractLiquidationPrice,
  fundingFee,
  liquidationMargin,
  percentProfit,
  profitOf,
  rolloverFee,
} from './liquidation.ts';
import {
  evolvePair,
  evolveTrade,
  initialPair,
  initialTrade,
  type OstiumPair,
  type OstiumTrade,
} from './trade-state.ts';

const VENUE = 'ostium';

export interface OstiumAssessment extends MarginAssessment {
  /** As the contract's own getter gives it, price 1e18; null for a closed trade. */
  readonly contractLiquidationPrice: bigint | null;
  /** Blocks up to which each fee was counted: what grew since is not in it. */
  readonly rolloverAccruedToBlock: number;
  readonly fundingAccruedToBlock: number;
}

/** Margin rules of Ostium 1.2.3 and 1.2.4; the source of later versions is not public. */
export const ostiumRules: VenueRules<OstiumTrade, OstiumPair> = {
  venue: VENUE,
  method: 'ostium/1',
  collateralUnit: 'TOKEN',
  openInterestCounter: 'NONE',
  liquidationRemainder: 'VENUE',
  initialPosition: initialTrade,
  evolvePosition: evolveTrade,
  initialMarket: initialPair,
  evolveMarket: evolvePair,
  parameterOf,
  assess,
  feedsOf: ({ market }) => [feedOf(market)],
};

function feedOf(market: string): Feed {
  return { venue: VENUE, token: market };
}

function parameterOf({ market, name, value }: ParameterChange) {
  return value === null ? null : { key: parameterKey(market, name), value };
}

/** PairsStorage.pairMaxLeverage: 0 of a pair means its group's. */
function maxLeverageOf(parameters: Parameters, market: string): bigint {
  const own = requiredParameter(parameters, market, 'maxLeverage');
  const inForce = own === 0n ? requiredParameter(parameters, market, 'groupMaxLeverage') : own;
  return positive(inForce, 'groupMaxLeverage', market);
}

type Input = AssessmentInput<OstiumTrade, OstiumPair>;

/**
 * OstiumTradingCallbacks.executeAutomationCloseOrderCallback for LIQ: a trade whose value at the
 * report's mid price is no more than the liquidation margin.
 * @throws CorruptDataError naming the price, parameter or accumulator that is not known.
 */
export function assess(input: Input): OstiumAssessment {
  const { position, parameters, prices } = input;
  const { isLong, collateral, leverage, positionKey } = position;
  const indexPrice = priceOf(prices, feedOf(position.market));
  if (collateral === 0n) {
    return {
      ...closedTrade(isLong, indexPrice),
      contractLiquidationPrice: null,
      rolloverAccruedToBlock: 0,
      fundingAccruedToBlock: 0,
    };
  }
  positive(position.openPrice, 'openPrice', positionKey);
  positive(leverage, 'leverage', positionKey);
  const thresholdP = requiredParameter(parameters, '', 'liqMarginThresholdP');
  const margin = liquidationMargin(
    position,
    thresholdP,
    maxLeverageOf(parameters, position.market),
  );
  const rollover = rolloverUntil(input);
  const funding = fundingOf(input);
  const fees = rollover.fee + funding;
  const pnlAt = (at: bigint) => profitOf(collateral, cappedPercentProfit(at, position));
  const isLiquidatable = (at: bigint) => collateral + pnlAt(at) - fees <= margin;
  const price = worsePrice(isLong, indexPrice);
  const closedForm = contractLiquidationPrice(position, margin, fees);
  const assessment = describeTrade({
    isLong,
    collateral,
    notional: (collateral * leverage) / 100n,
    pnl: pnlAt(price),
    uncappedPnl: profitOf(collateral, percentProfit(price, position)),
    rolloverFee: rollover.fee,
    fundingFee: funding,
    maintenance: margin,
    isLiquidatable: isLiquidatable(price),
    reason: 'value at or below the liquidation margin',
    liquidationPrice: flipPrice({
      start: closedForm,
      today: price,
      towardSafety: isLong ? 1n : -1n,
      isLiquidatable,
    }),
    indexPrice,
  });
  return {
    ...assessment,
    contractLiquidationPrice: closedForm,
    rolloverAccruedToBlock: rollover.block,
    fundingAccruedToBlock: input.market.fundingBlock,
  };
}

/** getPendingAccRolloverFees at the block asked for; without one, the accumulator as last stored. */
function rolloverUntil({ position, market, parameters, block }: Input): {
  readonly fee: bigint;
  readonly block: number;
} {
  const initial = known(position.initialAccRollover, 'initialAccRollover', position.positionKey);
  const stored = known(market.accRollover, 'accRollover', `pair ${position.market}`);
  const until = block ?? market.rolloverBlock;
  if (until < market.rolloverBlock) {
    throw new CorruptDataError('A block before the market state was asked for.', {
      facts: { pair: position.market, storedAt: market.rolloverBlock, asked: until },
      remedy: 'Use the market state of the block that is asked about.',
    });
  }
  const passed = BigInt(until - market.rolloverBlock);
  const grown =
    passed === 0n
      ? 0n
      : passed * requiredParameter(parameters, position.market, 'rolloverFeePerBlock');
  return { fee: rolloverFee(initial, stored + grown, position), block: until };
}

/** Funding up to the accumulator as last stored: every opening and close of the pair stores it. */
function fundingOf({ position, market }: Input): bigint {
  const initial = known(position.initialAccFunding, 'initialAccFunding', position.positionKey);
  const stored = position.isLong ? market.accFundingLong : market.accFundingShort;
  return fundingFee(initial, known(stored, 'accFunding', `pair ${position.market}`), position);
}
