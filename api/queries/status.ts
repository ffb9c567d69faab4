import { z } from 'zod';
import { readCoverage } from './coverage.ts';
import { finalityHeights, type IndexerReport, isStale } from './indexer-report.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import type {
  ChainLag,
  IndexerStatus,
  RollbackSummary,
  SourceStatus,
  TableCounts,
} from './records.ts';
import { headOf, type Snapshot, type Source } from './source-directory.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

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

const rollbacksQuery = loadQuery(
  'rollbacks',
  z.object({
    to_block: count,
    depth: count,
    reason: text,
    rolled_back_at_ms: count,
    total: count,
    deepest: count,
  }),
);

/** Reorgs of a bad hour fit; the count says how many there were in all. */
const SHOWN_ROLLBACKS = 10;

/** What the store holds of each chain, and how far it is. */
export async function readStatus(snapshot: Snapshot): Promise<SourceStatus[]> {
  return Promise.all(snapshot.sources.map((source) => sourceStatus(snapshot.reader, source)));
}

async function sourceStatus(reader: Reader, source: Source): Promise<SourceStatus> {
  const isEmpty = source.headBlock === null;
  const nowMs = Date.now();
  const [counts, rollbacks] = await Promise.all([
    readCounts(reader, source),
    readRollbacks(reader, source.chainId),
  ]);
  return {
    chainId: source.chainId,
    chain: source.chain,
    name: source.name,
    description: source.description,
    origin: source.origin,
    isSynthetic: source.isSynthetic,
    isRecorded: source.isRecorded,
    firstBlock: source.firstBlock,
    headBlock: source.headBlock,
    headTime: isEmpty ? null : isoTime(source.headTimestamp),
    landedBlock: source.landedBlock,
    landedAt: source.landedAtMs === 0 ? null : instant(source.landedAtMs),
    committedAt: isEmpty ? null : instant(source.committedAtMs),
    indexer: source.indexer === null ? null : indexerStatus(source.indexer, nowMs),
    lag: chainLag(source, nowMs),
    finality: finalityHeights(source),
    rollbacks,
    counts,
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

function indexerStatus(report: IndexerReport, nowMs: number): IndexerStatus {
  const { state, fault, failingSinceMs, reportedAtMs } = report;
  return {
    state,
    fault: fault === '' ? null : fault,
    failingSince: failingSinceMs === null ? null : instant(failingSinceMs),
    reportedAt: instant(reportedAtMs),
    // The clock of another machine may run ahead.
    ageSeconds: Math.max(0, nowMs - reportedAtMs) / 1000,
    isStale: isStale(report, nowMs),
  };
}

/** How far the head is behind what the source has shown, and behind now. */
export function chainLag(source: Source, nowMs: number): ChainLag {
  const { headBlock, headTimestamp, firstBlock, indexer, isRecorded } = source;
  const sourceHeight = indexer?.sourceHeight ?? null;
  // Before the first commit everything from the first block on is missing.
  const reached = headBlock ?? firstBlock - 1;
  return {
    sourceHeight,
    blocks: sourceHeight === null ? null : Math.max(0, sourceHeight - reached),
    seconds:
      isRecorded || headBlock === null ? null : Math.max(0, nowMs - headTimestamp * 1000) / 1000,
  };
}

async function readRollbacks(reader: Reader, chainId: number): Promise<RollbackSummary> {
  const rows = await rollbacksQuery.run(reader, { chainId, limit: SHOWN_ROLLBACKS });
  return {
    count: rows[0]?.total ?? 0,
    deepest: rows[0]?.deepest ?? 0,
    last: rows.map((row) => ({
      toBlock: row.to_block,
      depth: row.depth,
      reason: row.reason,
      at: instant(row.rolled_back_at_ms),
    })),
  };
}

function instant(unixMs: number): string {
  return new Date(unixMs).toISOString();
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
