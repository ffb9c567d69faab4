import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { type BfpMarket, evolveMarket, initialMarket, VENUE } from './market-state.ts';
import { type BfpPosition, evolvePosition, initialPosition } from './position-state.ts';

/**
 * Margin rules of Synthetix V3's BFP market as published in Synthetixio/synthetix-v3@23585f73. Settings
 * are in no log, and deposits name no account: both come from the manifest, or the margin is refused.
 */
export const synthetixBfpRules: VenueRules<BfpPosition, BfpMarket> = {
  venue: VENUE,
  method: 'synthetix-bfp/1',
  collateralUnit: 'USD',
  openInterestCounter: 'SKEW',
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

function feedsOf({ indexFeed, ethFeed, collateralFeeds }: BfpMarket): readonly Feed[] {
  if (indexFeed === null) return [];
  const others = [...(ethFeed ? [ethFeed] : []), ...Object.values(collateralFeeds)];
  const tokens = [indexFeed, ...others].map(({ token }) => token);
  return [...new Set(tokens)].map((token) => ({ venue: 'pyth', token }));
}
