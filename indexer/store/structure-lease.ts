import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../schema/clickhouse/database.ts';
import { WriterLeases } from './writer-lease.ts';

/** The right to move whole tables is held like the right to write a chain, under an id that no chain has. */
export const NO_CHAIN = 0;

const LOOK_AGAIN_MS = 1_000;

/**
 * Does work on the tables of a server (a migration that moves rows) while no other process does; waits
 * for one that is at it. `confirm` throws when the right was lost meanwhile.
 */
export async function changeStructure(
  database: Database,
  work: (confirm: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const leases = new WriterLeases(database);
  try {
    while (!(await holds(leases))) await sleep(LOOK_AGAIN_MS);
    await work(() => leases.confirm(NO_CHAIN));
  } finally {
    await leases.release();
  }
}

/** False when another process has the right. */
async function holds(leases: WriterLeases): Promise<boolean> {
  try {
    await leases.hold(NO_CHAIN);
    return true;
  } catch (error) {
    if (leases.isRefused(NO_CHAIN)) return false;
    throw error;
  }
}
