import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { PositionMemory } from '../position-memory.ts';
import type { ContractLog, LogHandler } from './contract-logs.ts';
import { DecodeError } from './decode-error.ts';

/** Amounts are stored as int256. */
const LIMIT = 2n ** 255n;

/** @throws DecodeError naming the field of an amount that no table can hold: the log is none of a trade. */
function checkStorable(event: DomainEvent): void {
  for (const [field, value] of Object.entries(event)) {
    if (typeof value === 'bigint' && (value >= LIMIT || value < -LIMIT)) {
      throw new DecodeError(`${field} of ${value} is out of range`);
    }
  }
}

/**
 * The same handlers, whose events are checked to be storable before the memory learns of the positions
 * among them: what becomes a dead letter is never remembered.
 */
export function rememberingHandlers(
  handlers: readonly LogHandler[],
  memory: PositionMemory,
): readonly LogHandler[] {
  return handlers.map((handler) => {
    const { normalize } = handler;
    if (normalize === null) return handler;
    const remembered = (log: ContractLog) => {
      const made = normalize(log);
      const events = made === null ? [] : [made].flat();
      for (const event of events) checkStorable(event);
      for (const event of events) if (event.kind === 'position') memory.note(event);
      return made;
    };
    return { ...handler, normalize: remembered };
  });
}
