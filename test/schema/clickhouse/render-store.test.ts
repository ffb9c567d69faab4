import { afterAll, describe } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { describeEventStore } from '../../contracts/event-store.contract.ts';
import { startTwoShardEngine } from './two-shard-engine.ts';

describe('a store spread over two shards', () => {
  const engine = startTwoShardEngine();
  let made = 0;
  afterAll(() => engine.close());

  describeEventStore('ClickHouse store, two shards', async () => {
    made += 1;
    const database = await engine.openSpread(`store_${made}`);
    await migrate(database);
    return {
      store: createClickHouseStore(database),
      database,
      close: async () => {
        await database.command(`DROP DATABASE ${database.name}`).catch(() => {});
        await database.close();
      },
    };
  });
});
