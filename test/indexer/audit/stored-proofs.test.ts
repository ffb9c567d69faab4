import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditChain } from '../../../indexer/audit/audit-chain.ts';
import type { CheckName } from '../../../indexer/audit/findings.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { deadLetterRow, placeColumns } from '../../../schema/clickhouse/rows.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';
import { place } from '../projections/synthetic-events.ts';

describe('what an audit finds in derived rows alone', () => {
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

  /** Messages of one check. */
  const found = async (chainId: number, check: CheckName): Promise<string[]> => {
    const audit = await auditChain({
      store,
      chainId,
      chain: 'made-up',
      plan: null,
      source: { notAsked: 'there is none' },
      sample: 0,
      seed: null,
      signal: new AbortController().signal,
    });
    return audit.findings
      .filter((finding) => finding.check === check)
      .map(({ message }) => message);
  };

  it('finds nothing where everything adds up', async () => {
    await store.append('open_interest', [openInterest(1, 100n)]);
    await commit(1, 0, 5);
    await commit(1, 6, 9);
    expect(await found(1, 'open-interest')).toEqual([]);
    expect(await found(1, 'dead-letters')).toEqual([]);
    expect(await found(1, 'identities')).toEqual([]);
  });

  it('finds open interest that is off by one unit', async () => {
    await store.append('open_interest', [openInterest(2, 101n)]);
    await commit(2, 0, 9);
    expect(await found(2, 'open-interest')).toEqual([
      expect.stringMatching(/^1 open interest row of gmx-v2 market 0xmarket .* in block 5$/),
    ]);
  });

  it('finds a skew that is off by one unit, and claims nothing where nobody counts', async () => {
    const uncounted = { ...openInterest(4, 7n), protocol_usd: null, protocol_base: null };
    await store.append('open_interest', [uncounted]);
    await commit(4, 0, 9);
    expect(await found(4, 'open-interest')).toEqual([]);
    const skewed = { ...uncounted, ...placeColumns({ ...place(6), chainId: 4 }) };
    await store.append('open_interest', [{ ...skewed, protocol_skew_base: 11n }]);
    expect(await found(4, 'open-interest')).toEqual([
      expect.stringMatching(/^1 open interest row .* in block 6$/),
    ]);
  });

  it('finds dead letters, and a hole between commits', async () => {
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
    expect(await found(3, 'dead-letters')).toEqual([
      '1 log that could not be read: gmx-v2: truncated (first at block 3, log 0)',
    ]);
    expect(await found(3, 'commits')).toContain('block 6 in no commit of stage project');
  });

  it('looks no further than the last commit: what a crash left above is trimmed, not wrong', async () => {
    await store.append('open_interest', [openInterest(5, 101n)]);
    await commit(5, 0, 4);
    expect(await found(5, 'open-interest')).toEqual([]);
    await commit(5, 5, 5);
    expect(await found(5, 'open-interest')).toHaveLength(1);
  });
});
