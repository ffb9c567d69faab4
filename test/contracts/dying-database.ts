import type { Database } from '../../schema/clickhouse/database.ts';

export class DeathError extends Error {}

const WRITES = new Set<PropertyKey>(['insertRows', 'insertChecked', 'deleteRows', 'command']);

/**
 * The same database for a process that dies after `writes` writes: every later call fails, as no
 * later statement of a killed process is ever sent.
 */
export function dyingAfter(database: Database, writes: number): Database {
  let left = writes;
  return new Proxy(database, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (left < 0 || (WRITES.has(key) && left-- === 0)) {
          left = -1;
          return Promise.reject(new DeathError('killed'));
        }
        return Reflect.apply(value, target, given);
      };
    },
  });
}
