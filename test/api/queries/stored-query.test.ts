import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../../../api/context.ts';
import '../../../api/schema.ts';
import { explainFault, storedQueries } from '../../../api/queries/stored-query.ts';
import { UsageError } from '../../../schema/errors.ts';
import { type OpenStore, openEmptyStore } from '../crash-store.ts';

const FILES = readdirSync('api/queries')
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -'.sql'.length));

/** A value for each placeholder, by its type. */
function sampleParameters(sql: string): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const [, name = '', type = ''] of sql.matchAll(/\{(\w+):([\w()]+)\}/g)) {
    if (type.startsWith('Array(String')) parameters[name] = ['0x00'];
    else if (type.startsWith('Array')) parameters[name] = [1];
    else if (type === 'String') parameters[name] = '';
    else if (type === 'Identifier') parameters[name] = 'bulkhead_rebuild';
    else if (type === 'Bool') parameters[name] = false;
    else parameters[name] = 1;
  }
  return parameters;
}

describe('stored queries', () => {
  let store: OpenStore;
  beforeAll(async () => {
    store = await openEmptyStore();
    // What a rebuild leaves while it swaps its tables in.
    await store.database.command('CREATE DATABASE bulkhead_rebuild ENGINE = Atomic');
    await store.database.command(
      `CREATE TABLE bulkhead_rebuild.swap_journal (name String, wanted String)
       ENGINE = MergeTree ORDER BY name`,
    );
  });
  afterAll(async () => {
    await store?.close();
  });

  it('has a caller for each .sql file', () => {
    expect([...storedQueries().keys()].sort()).toEqual([...FILES].sort());
  });

  it.each(FILES)('%s parses on the engine and gives the columns its codec reads', async (name) => {
    const query = storedQueries().get(name);
    const sql = query?.sql ?? '';
    const described = await store.database.select<{ name: string }>(
      `DESCRIBE (${sql}\n)`,
      sampleParameters(sql),
    );
    expect(described.map((column) => column.name)).toEqual(
      expect.arrayContaining([...(query?.columns ?? [])]),
    );
    expect(described).toHaveLength(query?.columns.length ?? 0);
  });

  it('tells a question that reads too much to ask for less', async () => {
    const reached = async (settings: Record<string, string>) =>
      explainFault(
        await store.database
          .select('SELECT uniqExact(number) FROM numbers(1000000000)', {}, settings)
          .catch((error: unknown) => error),
      );
    expect(await reached({ max_rows_to_read: '1000' })).toBeInstanceOf(UsageError);
    expect(await reached({ max_execution_time: '1' })).toBeInstanceOf(UsageError);
    const other = await store.database.select('SELECT nope').catch((error: unknown) => error);
    expect(explainFault(other)).toBe(other);
    expect(other).not.toBeInstanceOf(UsageError);
  });

  it('leaves the connection writable and unbounded behind it', async () => {
    await storedQueries().get('sources')?.run(store.database, {});
    await store.database.command('CREATE TABLE scratch (n UInt8) ENGINE = Memory');
    const [row] = await store.database.select<{ value: string }>(
      "SELECT value FROM system.settings WHERE name = 'max_rows_to_read'",
    );
    expect(row?.value).toBe('0');
  });

  it.each(FILES)('%s runs within its bounds, read-only, over empty tables', async (name) => {
    const query = storedQueries().get(name);
    await expect(query?.run(store.database, sampleParameters(query.sql))).resolves.toBeInstanceOf(
      Array,
    );
  });
});
