import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { evolveMarket } from './market-fold.ts';
import { type GmxV2Market, initialMarket } from './market-state.ts';
import { evolvePosition, type GmxV2Position, initialPosition } from './position-state.ts';
import { VENUE } from './venue-inputs.ts';

/** Margin rules of GMX V2 (gmx-synthetics) as of release v2.2. */
export const gmxV2Rules: VenueRules<GmxV2Position, GmxV2Market> = {
  venue: VENUE,
  method: 'gmx-v2/1',
  collateralUnit: 'TOKEN',
  openInterestCounter: 'SIDES',
  initialPosition,
  evolvePosition,
  initialMarket,
  evolveMarket,
  parameterOf,
  assess,
  feedsOf,
};

/** Every change with a number and a name of ours; a key we do not know ('0x…') changes no rule. */
function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null || change.name.startsWith('0x')) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}

/** Index, long and short token, each once; empty until the market's listing is seen. */
function feedsOf({ indexToken, longToken, shortToken }: GmxV2Market): readonly Feed[] {
  return [...new Set([indexToken, longToken, shortToken])]
    .filter((token) => token !== null)
    .map((token) => ({ venue: VENUE, token }));
}
