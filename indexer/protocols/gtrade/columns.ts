import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { LogHandler } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';

/** Amounts are stored as int256; sizes and prices are never negative. */
const LIMIT = 2n ** 255n;
const NATURAL = new Set([
  'sizeUsd',
  'sizeBase',
  'collateralRaw',
  'executionPrice',
  'indexPriceMin',
  'collateralPriceMin',
]);

/**
 * The handler, refusing values that no contract can have meant: amounts too wide for a column once
 * they are in USD, or a size below zero.
 */
export function withinColumns({ decoder, normalize }: LogHandler): LogHandler {
  if (normalize === null) return { decoder, normalize };
  return {
    decoder,
    normalize: (log) => {
      const made = normalize(log);
      const events = made === null ? [] : Array.isArray(made) ? made : [made as DomainEvent];
      for (const event of events) check(event);
      return made;
    },
  };
}

function check(event: DomainEvent): void {
  for (const [name, value] of Object.entries(event) as [string, unknown][]) {
    if (typeof value !== 'bigint') continue;
    if (value >= LIMIT || value < -LIMIT) throw new DecodeError(`${name} is beyond 255 bits`);
    if (value < 0n && NATURAL.has(name)) throw new DecodeError(`${name} is negative`);
  }
}
