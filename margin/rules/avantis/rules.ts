import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { MarginAssessment } from '../../assessment.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
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
  contractLiquidationPrice,
  isLiquidatableAt,
  leveragedPosition,
  profitAt,
  rolloverFee,
} from './liquidation.ts';
import {
  type AvantisPair,
  type AvantisTrade,
  evolvePair,
  evolveTrade,
  initialPair,
  initialTrade,
} from './trade-state.ts';

const VENUE = 'avantis';

export interface AvantisAssessment extends MarginAssessment {
  /** Block of the rollover accumulator that was counted; what grew since is in no event. */
  readonly rolloverAccruedToBlock: number;
}

/**
 * Margin rules of Avantis as of the builds of 2024-02 and 2025-01. The 2026 contracts also charge
 * funding, of which nothing is published: it is not counted.
 */
export const avantisRules: VenueRules<AvantisTrade, AvantisPair> = {
  venue: VENUE,
  method: 'avantis/1',
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

/**
 * The contract compares the price with the liquidation price that it computes; the equity beside it is
 * collateral + profit − rollover, which that price brings to the requirement within the rounding of one
 * price unit.
 * @throws CorruptDataError naming the price, threshold or accumulator that is not known.
 */
export function assess({
  position,
  market,
  parameters,
  prices,
}: AssessmentInput<AvantisTrade, AvantisPair>): AvantisAssessment {
  const indexPrice = priceOf(prices, feedOf(position.market));
  const { isLong, collateral, positionKey } = position;
  if (position.openInterest === 0n) {
    return { ...closedTrade(isLong, indexPrice), rolloverAccruedToBlock: 0 };
  }
  positive(position.openPrice, 'openPrice', positionKey);
  positive(leveragedPosition(position), 'collateral × leverage', positionKey);
  const thresholdP = requiredParameter(parameters, '', 'liqThreshold');
  const initialAcc = known(position.initialAccRollover, 'initialAccRollover', positionKey);
  const acc = known(
    isLong ? market.accRolloverLong : market.accRolloverShort,
    'accRollover',
    `pair ${position.market}`,
  );
  const rollover = rolloverFee(initialAcc, acc, position);
  const flip = contractLiquidationPrice(position, thresholdP, rollover);
  const price = worsePrice(isLong, indexPrice);
  const pnl = profitAt(price, position);
  const assessment = describeTrade({
    isLong,
    collateral,
    notional: leveragedPosition(position),
    pnl,
    uncappedPnl: pnl,
    rolloverFee: rollover,
    fundingFee: 0n,
    maintenance: (collateral * (100n - thresholdP)) / 100n,
    isLiquidatable: isLiquidatableAt(price, flip, isLong),
    reason: 'liquidation price',
    liquidationPrice: flip === 0n ? null : flip,
    indexPrice,
  });
  return { ...assessment, rolloverAccruedToBlock: market.accruedToBlock };
}
