import type { EventPlace } from './place.ts';

/** A log that should have been an event and could not be read: kept whole, with the reason. */
export interface DeadLetter extends EventPlace {
  readonly reason: string;
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string; // 0x hex
}
