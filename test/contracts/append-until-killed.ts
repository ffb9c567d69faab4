/**
 * Appends and commits one block after another until it is killed, printing each committed block.
 * Arguments: data folder. Run by the store's contract to see what a kill -9 leaves behind.
 */
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import { ROWS_A_BLOCK, rowsOfBlock } from './killed-rows.ts';

const database = await openDatabase({ dataDir: process.argv[2] ?? '' });
await migrate(database);
const store = createClickHouseStore(database);
for (let block = 1; ; block++) {
  await store.append('market_events', rowsOfBlock(block));
  await store.append('oracle_updates', []);
  await store.commit({
    chainId: 1,
    stage: 'project',
    fromBlock: block,
    toBlock: block,
    lastBlockHash: '',
    lastBlockTimestamp: block,
    rowCounts: { market_events: ROWS_A_BLOCK },
    method: 'test',
  });
  process.stdout.write(`${block}\n`);
}
