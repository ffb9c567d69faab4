import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain } from '../../../indexer/pipeline/verify.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { deadLetterRow, placeColumns } from '../../../schema/clickhouse/rows.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';
import { place } from '../projections/synthetic-events.ts';

describe('verifyChain', () => {
  const folder = temporaryFolder('verify');
  let database: Database;
  let store: EventStore;

  beforeAll(async () => {
    database = await openDatabase({ dataDir: folder.path });
    await migrate(database);
    store = createClickHouseStore(database);
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  const commit = (chainId: number, fromBlock: number, toBlock: number) =>
    store.commit({
      chainId,
      stage: 'project',
      fromBlock,
      toBlock,
      lastBlockHash: `0x${'00'.repeat(32)}`,
      lastBlockTimestamp: 1,
      rowCounts: {},
      method: 'test',
    });

  const openInterest = (chainId: number, positionsUsd: bigint) => ({
    market: '0xmarket',
    is_long: true,
    protocol_usd: 100n,
    protocol_base: 10n,
    positions_usd: positionsUsd,
    positions_base: 10n,
    protocol_skew_base: null as bigint | null,
    positions_skew_base: 10n,
    open_positions: 1,
    ...placeColumns({ ...place(5), chainId }),
  });

  it('finds nothing where everything adds up', async () => {
    await store.append('open_interest', [openInterest(1, 100n)]);
    await commit(1, 0, 5);
    await commit(1, 6, 9);
    expect(await verifyChain(store, 1)).toMatchObject({ ok: true, findings: [] });
  });

  it('finds open interest that is off by one unit', async () => {
    await store.append('open_interest', [openInterest(2, 101n)]);
    await commit(2, 0, 9);
    const report = await verifyChain(store, 2);
    expect(report.ok).toBe(false);
    expect(report.findings).toEqual([expect.stringMatching(/^1 open interest rows/)]);
  });

  it('finds a skew that is off by one unit, and claims nothing where nobody counts', async () => {
    const uncounted = { ...openInterest(4, 7n), protocol_usd: null, protocol_base: null };
    await store.append('open_interest', [uncounted]);
    await commit(4, 0, 9);
    expect((await verifyChain(store, 4)).findings).toEqual([]);
    const skewed = { ...uncounted, ...placeColumns({ ...place(6), chainId: 4 }) };
    await store.append('open_interest', [{ ...skewed, protocol_skew_base: 11n }]);
    expect((await verifyChain(store, 4)).findings).toEqual([
      expect.stringMatching(/^1 open interest rows/),
    ]);
  });

  it('finds dead letters, and holes and overlaps between commits', async () => {
    const letter = {
      ...place(3),
      chainId: 3,
      reason: 'truncated',
      address: '0x',
      topics: [],
      data: '0x',
    };
    await store.append('dead_letters', [deadLetterRow(letter)]);
    await commit(3, 0, 5);
    await commit(3, 7, 9);
    expect((await verifyChain(store, 3)).findings).toEqual([
      expect.stringMatching(/^1 logs that could not be read/),
      expect.stringMatching(/^1 holes or overlaps/),
    ]);
  });
});
