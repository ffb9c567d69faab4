import type { EventStore } from '../store/event-store.ts';

/**
 * Full hours of chain time, as blocks with events pass them. Depends on nothing but the events so far: not
 * on batches, restarts or blocks without events.
 */
export class ChainHours {
  /** Unix seconds of the newest event; 0: none yet. */
  #newest = 0;

  async restore(store: EventStore, chainId: number): Promise<void> {
    const [row] = await store.select<{ newest: string }>(NEWEST_EVENT, { chainId });
    this.#newest = Number(row?.newest ?? 0);
  }

  /**
   * Takes note of a block with events: whether it lies in a later hour than all before it. Before the first
   * one there is no hour that could have ended.
   */
  passes(timestamp: number): boolean {
    const before = this.#newest;
    this.#newest = Math.max(before, timestamp);
    return before > 0 && hourOf(timestamp) > hourOf(before);
  }
}

function hourOf(timestamp: number): number {
  return Math.floor(timestamp / 3600);
}

const EVENT_TABLES = [
  'position_events',
  'fee_events',
  'order_events',
  'market_events',
  'oracle_updates',
  'parameter_changes',
] as const;

const NEWEST_EVENT = `
SELECT max(newest_of_table) AS newest
FROM (${EVENT_TABLES.map(
  (table) => `
    SELECT max(block_timestamp) AS newest_of_table FROM ${table} WHERE chain_id = {chainId:UInt64}`,
).join(' UNION ALL ')}
)`;
