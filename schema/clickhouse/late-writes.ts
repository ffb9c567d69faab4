import { randomUUID } from 'node:crypto';

/** Writes of this process that a caller still waits for, over all its connections. */
const awaited = new Set<string>();

/**
 * Runs a write under a query id that names database and label, so that `END_WRITES` finds it should
 * the server go on with it after its caller has gone.
 */
export async function asRunningWrite<T>(
  database: string,
  label: string | undefined,
  write: (id: { readonly query_id?: string }) => Promise<T>,
): Promise<T> {
  if (label === undefined) return write({});
  const id = `${idPrefix(database, label)}${randomUUID()}`;
  awaited.add(id);
  try {
    return await write({ query_id: id });
  } finally {
    awaited.delete(id);
  }
}

/** Waits until they are gone. What this process waits for itself goes on. */
export const END_WRITES = `
KILL QUERY WHERE startsWith(query_id, {prefix:String}) AND NOT has({awaited:Array(String)}, query_id)
SYNC`;

/** The parameters of END_WRITES. */
export function lateWrites(
  database: string,
  label: string,
): { readonly prefix: string; readonly awaited: readonly string[] } {
  const prefix = idPrefix(database, label);
  return { prefix, awaited: [...awaited].filter((id) => id.startsWith(prefix)) };
}

function idPrefix(database: string, label: string): string {
  return `bulkhead-write/${database}/${label}/`;
}
