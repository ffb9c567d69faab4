import type { PositionMemory } from '../position-memory.ts';
import type { ContractLog, LogHandler } from './contract-logs.ts';
import { storable } from './storable.ts';

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
      for (const event of events) storable(event);
      for (const event of events) if (event.kind === 'position') memory.note(event);
      return made;
    };
    return { ...handler, normalize: remembered };
  });
}
