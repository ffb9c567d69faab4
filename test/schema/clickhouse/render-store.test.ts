import { afterAll, describe } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { describeBatches } from '../../contracts/event-store.contract.ts';
import { describeHead } from '../../contracts/event-store-head.contract.ts';
import { startTwoShardEngine } from './two-shard-engine.ts';

// Repair and records are the same statements over other rows: left out for the time they take.
describe('a store spread over two shards', () => {
  const engine = startTwoShardEngine();
  let made = 0;
  afterAll(() => engine.close());

  const open = async () => {
    made += 1;
    const database = await engine.openSpread(`store_${made}`);
    await migrate(database);
    return {
      store: createClickHouseStore(database),
      database,
      close: async () => {
        await database.command(`DROP DATABASE ${database.name}`);
        await database.close();
      },
    };
  };

  describeBatches(open);
  describeHead(open);
});
