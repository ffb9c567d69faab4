import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { AssessmentInput, VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { usdOf } from './decimal.ts';
import { riskParameters } from './liquidation.ts';
import { evolveMarket, initialMarket, type SynthetixV2Market } from './market-state.ts';
import { evolvePosition, initialPosition, type SynthetixV2Position } from './position-state.ts';
import { feedOf } from './venue-inputs.ts';

/** Margin rules of Synthetix Perps V2 since the upgrade of April 2023. */
export const synthetixV2Rules: VenueRules<SynthetixV2Position, SynthetixV2Market> = {
  venue: 'synthetix-v2',
  method: 'synthetix-v2/1',
  collateralUnit: 'USD',
  openInterestCounter: 'SKEW',
  initialPosition,
  evolvePosition,
  initialMarket,
  evolveMarket,
  parameterOf,
  assess,
  senderPayUsd,
  feedsOf,
};

/** Every change with a number and a readable name. */
function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null || change.name.startsWith('0x')) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}

/** The flagger's fee at this price and the fixed fee of the liquidator, whoever of them it is. */
function senderPayUsd(input: AssessmentInput<SynthetixV2Position, SynthetixV2Market>): bigint {
  const { keeperLiquidationFee } = riskParameters(input.parameters, input.position.market);
  return usdOf(assess(input).liquidationFee + keeperLiquidationFee);
}

/** The aggregator of the market's asset; none until the market's listing is seen. */
function feedsOf(market: SynthetixV2Market): readonly Feed[] {
  const feed = feedOf(market);
  return feed === null ? [] : [feed];
}
