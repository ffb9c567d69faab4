import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { VENUE } from './account-test.ts';
import { assess } from './assess.ts';
import { evolveMarket, initialMarket, type Mux3Market, oracleIdOfToken } from './market-state.ts';
import { evolvePosition, initialPosition, type Mux3Position } from './position-state.ts';

/**
 * Margin rules of MUX3 as published in mux-world/mux3-protocol@9a371568: exact for a position that is
 * alone in its account, refused for one that shares the account's margin.
 */
export const mux3Rules: VenueRules<Mux3Position, Mux3Market> = {
  venue: VENUE,
  method: 'mux3/1',
  collateralUnit: 'TOKEN',
  openInterestCounter: 'NONE', // pools count index units per market; nobody counts USD
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

function feedsOf({ oracleId, collateralTokens }: Mux3Market): readonly Feed[] {
  if (oracleId === null) return [];
  const ids = [oracleId, ...collateralTokens.map(oracleIdOfToken)];
  return [...new Set(ids)].map((token) => ({ venue: VENUE, token }));
}
