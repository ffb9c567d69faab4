import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenInterestProjection } from '../../../indexer/projections/open-interest.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { marketEventRow } from '../../../schema/clickhouse/rows.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';
import { place } from './synthetic-events.ts';

function counter(block: number, isLong: boolean | null, value: bigint | null): MarketEvent {
  return {
    ...place(block),
    kind: 'market',
    type: 'OpenInterestUsdChanged',
    market: '0xmarket',
    token: '0xusdc',
    isLong,
    delta: null,
    value,
    details: {},
  };
}

describe('open interest', () => {
  const folder = temporaryFolder('open-interest');
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ dataDir: folder.path });
    await migrate(database);
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  it('counts the same after a restart, with counters of no side or no value among the events', async () => {
    const history = [
      counter(1, true, 70n),
      counter(2, false, 30n),
      counter(3, null, 999n),
      counter(4, true, null),
    ];
    const goingOn = new OpenInterestProjection();
    for (const event of history) goingOn.applyMarketEvent(event);
    const store = createClickHouseStore(database);
    await store.append('market_events', history.map(marketEventRow));
    const restarted = new OpenInterestProjection();
    await restarted.restore(store, 1, []);
    for (const projection of [goingOn, restarted]) {
      expect(projection.totalOf('gmx-v2', '0xmarket', true).usd).toBe(70n);
      expect(projection.totalOf('gmx-v2', '0xmarket', false).usd).toBe(30n);
    }
  });
});
