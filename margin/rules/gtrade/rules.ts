import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { evolveMarket, type GtradeMarket, initialMarket } from './market-state.ts';
import { evolvePosition, type GtradePosition, initialPosition } from './position-state.ts';
import { VENUE } from './venue-inputs.ts';

/**
 * Margin rules of gTrade v8 to v10; each trade by its own contractsVersion. Its open interest is counted
 * in collateral before v10 and in index units after: neither is the sum of sizes in USD, so no proof of
 * coverage is made of it.
 */
export const gtradeRules: VenueRules<GtradePosition, GtradeMarket> = {
  venue: VENUE,
  method: 'gtrade/1',
  collateralUnit: 'TOKEN',
  openInterestCounter: 'NONE',
  liquidationRemainder: 'VENUE',
  initialPosition,
  evolvePosition,
  initialMarket,
  evolveMarket,
  parameterOf,
  assess,
  feedsOf,
};

function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}

/** The pair, then the collaterals of its listing and those its events named. */
function feedsOf({ market, collateralTokens, byCollateral }: GtradeMarket): readonly Feed[] {
  const seen = Object.values(byCollateral).map(({ token }) => token);
  const tokens = [market, ...new Set([...collateralTokens, ...seen])];
  return tokens.map((token) => ({ venue: VENUE, token }));
}
