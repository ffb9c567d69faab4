import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { type Feed, parameterKey } from '../../inputs.ts';
import type { VenueRules } from '../../venue-rules.ts';
import { assess } from './assess.ts';
import { integerDetail } from './event-details.ts';
import { evolveMarket } from './market-fold.ts';
import { type GmxV2Market, initialMarket } from './market-state.ts';
import {
  evolvePosition,
  type GmxV2Position,
  initialPosition,
  isIncrease,
} from './position-state.ts';
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
  settledImpactUsd,
  // The fee goes to the pool and the fee receiver, and liquidation orders carry no execution fee.
  senderPayUsd: () => 0n,
  feedsOf,
};

/** Every change with a number and a name of ours; a key we do not know ('0x…') changes no rule. */
function parameterOf(change: ParameterChange): { key: string; value: bigint } | null {
  if (change.value === null || change.name.startsWith('0x')) return null;
  return { key: parameterKey(change.market, change.name), value: change.value };
}

/**
 * Since v2.2 a decrease settles its own impact with its share of the pending one; `totalImpactUsd` is
 * the sum after the caps (DecreasePositionCollateralUtils). Before, its own impact was all.
 */
function settledImpactUsd(
  event: Pick<PositionEvent, 'type' | 'priceImpactUsd' | 'details'>,
): bigint {
  if (isIncrease(event)) return 0n;
  return integerDetail(event, 'totalImpactUsd') ?? event.priceImpactUsd;
}

/** Index, long and short token, each once; empty until the market's listing is seen. */
function feedsOf({ indexToken, longToken, shortToken }: GmxV2Market): readonly Feed[] {
  return [...new Set([indexToken, longToken, shortToken])]
    .filter((token) => token !== null)
    .map((token) => ({ venue: VENUE, token }));
}
