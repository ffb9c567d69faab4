import { z } from 'zod';
import { readCoverage } from './coverage.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import type { SourceStatus, TableCounts } from './records.ts';
import { headOf, type Snapshot, type Source } from './source-directory.ts';
import { count, loadQuery, type Reader } from './stored-query.ts';

const countsQuery = loadQuery(
  'table-counts',
  z.object({
    blocks: count,
    raw_logs: count,
    position_events: count,
    market_events: count,
    oracle_updates: count,
    dead_letters: count,
    liquidation_count: count,
    adl_count: count,
    positions: count,
    open_positions: count,
    accounts: count,
    markets: count,
  }),
);

/** What the store holds of each chain, and how far it is. */
export async function readStatus(snapshot: Snapshot): Promise<SourceStatus[]> {
  return Promise.all(snapshot.sources.map((source) => sourceStatus(snapshot.reader, source)));
}

async function sourceStatus(reader: Reader, source: Source): Promise<SourceStatus> {
  const isEmpty = source.headBlock === null;
  return {
    chainId: source.chainId,
    chain: source.chain,
    name: source.name,
    description: source.description,
    origin: source.origin,
    isSynthetic: source.isSynthetic,
    firstBlock: source.firstBlock,
    headBlock: source.headBlock,
    headTime: isEmpty ? null : isoTime(source.headTimestamp),
    landedBlock: source.landedBlock,
    committedAt: isEmpty ? null : new Date(source.committedAtMs).toISOString(),
    counts: await readCounts(reader, source),
    provenance: isEmpty
      ? null
      : makeProvenance({
          source,
          query: 'status',
          parameters: {},
          asOf: headOf(source),
          basis: 'OBSERVED',
          method: 'status',
          version: '1',
          coverage: await readCoverage(reader, source, null, headOf(source).block),
        }),
  };
}

async function readCounts(reader: Reader, source: Source): Promise<TableCounts> {
  const [row] = await countsQuery.run(reader, {
    chainId: source.chainId,
    block: source.headBlock ?? 0,
  });
  return {
    blocks: row?.blocks ?? 0,
    rawLogs: row?.raw_logs ?? 0,
    positionEvents: row?.position_events ?? 0,
    marketEvents: row?.market_events ?? 0,
    oracleUpdates: row?.oracle_updates ?? 0,
    deadLetters: row?.dead_letters ?? 0,
    positions: row?.positions ?? 0,
    openPositions: row?.open_positions ?? 0,
    accounts: row?.accounts ?? 0,
    liquidations: row?.liquidation_count ?? 0,
    autoDeleveragings: row?.adl_count ?? 0,
    markets: row?.markets ?? 0,
  };
}
