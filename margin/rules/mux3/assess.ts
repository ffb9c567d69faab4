import { CorruptDataError } from '../../../schema/errors.ts';
import { logDistance, type MarginAssessment, ratio } from '../../assessment.ts';
import { flipPrice } from '../../flip-price.ts';
import { type Parameters, parameterKey } from '../../inputs.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import {
  type AccountInputs,
  type AccountTest,
  priceOf,
  testAccount,
  unknown,
  WAD,
} from './account-test.ts';
import { type Mux3Market, oracleIdOfToken } from './market-state.ts';
import type { Mux3Position } from './position-state.ts';

/** USD 1e18 → USD 1e30. */
const USD_SCALE = 10n ** 12n;
/** Price 1e18 per whole token → USD 1e30 per 1e-18 token. */
const SIX_DIGITS = 10n ** 6n;

/** Beside the venue-neutral numbers, the parts of the requirement. */
export interface Mux3Assessment extends MarginAssessment {
  /** Size × price × maintenance rate. `borrowFeeUsd` is the rest of the requirement. */
  readonly rateRequirementUsd: bigint;
  /** The account may hold one market only, by the contract's own rule (account index not 0). */
  readonly isIsolatedByContract: boolean;
}

/**
 * The judgement of a position that is alone in its account: then the account's test is its own, and
 * exact. An account with several open markets shares its margin among them; the positions of the other
 * markets are not part of this one's inputs, so its margin is refused rather than guessed.
 * Borrowing is part of the requirement, not of the equity, as in the contract.
 * @throws CorruptDataError for such an account, and where a price, parameter or amount is unknown.
 */
export function assess(input: AssessmentInput<Mux3Position, Mux3Market>): Mux3Assessment {
  const { position, market, parameters, prices } = input;
  if (position.sharedWith.length > 0) throw sharedAccount(position);
  const { oracleId } = market;
  if (oracleId === null) throw unknown('the oracle of a market', market.market);
  const inputs: AccountInputs = { position, market, parameters, prices, oracleId };
  const price = priceOf(prices, oracleId);
  const now = testAccount(inputs, price);
  const flip = liquidationPrice(inputs, price, now);
  const scaled = scaledUp(now);
  return {
    ...scaled,
    marginRatio: ratio(scaled.equityUsd, scaled.notionalUsd),
    healthFactor: ratio(scaled.equityUsd, scaled.maintenanceMarginUsd),
    liquidationPrice: flip,
    distance: logDistance(position.isLong, price, flip),
    indexPrice: { min: price, max: price },
    collateralPrice: collateralPriceOf(inputs),
    isIsolatedByContract: BigInt(`0x${position.positionId.slice(42)}`) !== 0n,
  };
}

function scaledUp(test: AccountTest) {
  return {
    equityUsd: test.balanceUsd * USD_SCALE,
    maintenanceMarginUsd: test.requirementUsd * USD_SCALE,
    notionalUsd: test.notionalUsd * USD_SCALE,
    collateralUsd: test.collateralUsd * USD_SCALE,
    isLiquidatable: test.isLiquidatable,
    liquidationReason: test.isLiquidatable ? 'maintenance margin' : '',
    unrealizedPnlUsd: test.cappedPnlUsd * USD_SCALE,
    uncappedPnlUsd: test.pnlUsd * USD_SCALE,
    priceImpactUsd: 0n,
    borrowFeeUsd: test.borrowingUsd * USD_SCALE,
    fundingUsd: 0n,
    positionFeeUsd: 0n, // the test counts none
    totalCostUsd: 0n,
    rateRequirementUsd: test.maintenanceUsd * USD_SCALE,
  };
}

function sharedAccount(position: Mux3Position): CorruptDataError {
  return new CorruptDataError('The margin of this position is shared with other markets.', {
    facts: {
      positionAccount: position.positionId,
      market: position.market,
      sharedWith: position.sharedWith.join(', '),
    },
    remedy: 'Ask for accounts with one open market: theirs is judged exactly.',
  });
}

/**
 * In a price move of dp the balance changes by ± size × dp and the requirement by size × rate × dp:
 * P* = P + (requirement − balance) ÷ (± size − size × rate), put to the unit by asking the test. A
 * collateral token that has the index's own oracle moves with it; all others stay where they are.
 */
function liquidationPrice(inputs: AccountInputs, today: bigint, now: AccountTest): bigint | null {
  const { position, parameters, market } = inputs;
  const size = Object.values(position.shares).reduce((sum, share) => sum + share.size, 0n);
  const rate = maintenanceRate(parameters, market.market);
  const held = position.collaterals ?? {};
  const moving = Object.entries(held).find(([token]) => oracleIdOfToken(token) === inputs.oracleId);
  const side = position.isLong ? size : -size;
  const slope = (side + (moving?.[1] ?? 0n)) * WAD - size * rate; // USD 1e36 per unit of price
  if (size === 0n || (position.isLong ? slope <= 0n : slope >= 0n)) return null;
  const gap = (now.requirementUsd - now.balanceUsd) * WAD * WAD;
  return flipPrice({
    start: today + gap / slope,
    today,
    towardSafety: position.isLong ? 1n : -1n,
    isLiquidatable: (price) => testAccount(inputs, price).isLiquidatable,
  });
}

function maintenanceRate(parameters: Parameters, market: string): bigint {
  return parameters.get(parameterKey(market, 'maintenanceMarginRate')) ?? 0n;
}

/** Of the token that the position's columns speak of; below 1e-12 of a dollar rounded down. */
function collateralPriceOf({ position, prices, oracleId }: AccountInputs) {
  const { mainToken } = position;
  const feed = mainToken === '' ? oracleId : oracleIdOfToken(mainToken);
  const price = mainToken === '' ? 0n : priceOf(prices, feed) / SIX_DIGITS;
  return { min: price, max: price };
}
