import { CorruptDataError } from '../../../schema/errors.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';

type Detailed = Pick<PositionEvent | MarketEvent, 'details'>;

/** Integer a log carried under `name`, or null when it carried none. */
export function integerDetail(event: Detailed, name: string): bigint | null {
  const text = event.details[name];
  return typeof text === 'string' && /^-?\d+$/.test(text) ? BigInt(text) : null;
}

/** @throws CorruptDataError naming event and key when the integer is missing. */
export function requiredInteger(event: PositionEvent | MarketEvent, name: string): bigint {
  const value = integerDetail(event, name);
  if (value === null) throw missing(event, name);
  return value;
}

/** Lower-case text under `name`. @throws CorruptDataError when it is missing. */
export function requiredText(event: PositionEvent | MarketEvent, name: string): string {
  const text = event.details[name];
  if (typeof text !== 'string') throw missing(event, name);
  return text.toLowerCase();
}

/** The state after a market event. @throws CorruptDataError when the event has none. */
export function requiredValue(event: MarketEvent): bigint {
  if (event.value === null) throw missing(event, 'value');
  return event.value;
}

/** @throws CorruptDataError when the event names no side. */
export function requiredSide(event: MarketEvent): 'long' | 'short' {
  if (event.isLong === null) throw missing(event, 'isLong');
  return event.isLong ? 'long' : 'short';
}

function missing(event: EventPlace & { readonly type: string }, name: string): CorruptDataError {
  return new CorruptDataError('An event lacks a value that the margin rules need.', {
    facts: { event: event.type, missing: name, block: event.blockNumber, logIndex: event.logIndex },
    remedy: 'Check that the adapter knows this release of the contracts, then rebuild.',
  });
}
