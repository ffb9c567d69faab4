/**
 * Indexes the made-up chain and rolls it back to the fork, over and over on the two branches, until
 * it is killed; prints a line before each rollback. Argument: data folder.
 */
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import { FORK_AT, runIndexer } from './made-up-run.ts';

const database = await openDatabase({ dataDir: process.argv[2] ?? '' });
await migrate(database);
const store = createClickHouseStore(database);
const under = { store, database, close: () => database.close() };
for (let round = 0; ; round++) {
  await store.repair(1);
  await store.rollBack(1, FORK_AT - 1, 'fork');
  await runIndexer(under, 1, round % 2 === 0 ? 'a' : 'b');
  process.stdout.write(`${round}\n`);
}
