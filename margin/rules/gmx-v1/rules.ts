import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { evolveMarket, type GmxV1Market, initialMarket } from './market-state.ts';
import { evolvePosition, type GmxV1Position, initialPosition } from './position-state.ts';
import { VENUE } from './venue-inputs.ts';

/** Margin rules of GMX V1 (gmx-contracts Vault, VaultUtils, VaultPriceFeed). */
export const gmxV1Rules: VenueRules<GmxV1Position, GmxV1Market> = {
  venue: VENUE,
  method: 'gmx-v1/1',
  collateralUnit: 'USD',
  // Reserves and guaranteed USD are logged, open interest is not.
  openInterestCounter: 'NONE',
  initialPosition,
  evolvePosition,
  initialMarket,
  evolveMarket,
  parameterOf,
  assess,
  feedsOf,
  // Whether a collateral token is stable decides which funding factor holds.
  parameterScopes: ({ collateralTokens }) => collateralTokens ?? [],
  accrualSeconds: (parameters) =>
    Number(parameters.get(parameterKey('', 'fundingInterval')) ?? 0n) || null,
};

/** `market` of a parameter is a token, or '' for the whole Vault. */
function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}

/** The index token: collateral is booked in USD and needs no price. */
function feedsOf({ market }: GmxV1Market): readonly Feed[] {
  return [{ venue: VENUE, token: market }];
}
