import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess, VENUE } from './assess.ts';
import { evolveMarket, initialMarket, type LevelMarket } from './market-state.ts';
import { evolvePosition, initialPosition, type LevelPosition } from './position-state.ts';

/**
 * Margin rules of Level as published in level-fi/level-trading-contracts@c1063830 src/pool/Pool.sol.
 * Prices are the posted ones: the band around a Chainlink feed that LevelOracle.getPrice puts on them
 * reads another contract's state, and moves the price only when the two have parted.
 */
export const levelRules: VenueRules<LevelPosition, LevelMarket> = {
  venue: VENUE,
  method: 'level/1',
  collateralUnit: 'USD',
  openInterestCounter: 'NONE',
  initialPosition,
  evolvePosition,
  initialMarket,
  evolveMarket,
  parameterOf,
  assess,
  feedsOf: ({ market }) => [{ venue: VENUE, token: market }],
};

function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}
