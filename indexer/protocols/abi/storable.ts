import { DecodeError } from './decode-error.ts';

/** The store's integers are signed and 256 bits wide; the Vault's are unsigned. */
const LIMIT = 1n << 255n;

/** The event, if each of its integers fits the store. @throws DecodeError naming the field that does not. */
export function storable<Event extends object>(event: Event): Event {
  for (const [field, value] of Object.entries(event)) {
    if (typeof value === 'bigint' && (value >= LIMIT || value < -LIMIT)) {
      throw new DecodeError(`${field} does not fit 256 bits with a sign: ${value}`);
    }
  }
  return event;
}
