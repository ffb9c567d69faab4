import type { Log } from '@envio-dev/hypersync-client';
import { CorruptDataError } from '../../schema/errors.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';
import type { HypersyncEndpoint } from '../source/hypersync-endpoint.ts';
import { EVIDENCE_FIELDS, logFilters } from '../source/log-query.ts';
import type { BlockRange } from './audit-context.ts';

/** A source to compare the store with, not opened yet. */
export interface SourceToOpen {
  readonly selections: readonly LogSelection[];
  /** In words of a person. @example 'the archive gmx-v2-crash-2023-08-17' */
  readonly name: string;
  open(): Promise<HypersyncEndpoint>;
}

/** An endpoint, and what the store asked of it. */
export interface AuditSource {
  readonly endpoint: HypersyncEndpoint;
  readonly selections: readonly LogSelection[];
  readonly name: string;
}

export interface SourcePage<Row> extends BlockRange {
  /** In no particular order, each once. */
  readonly logs: readonly Row[];
}

/** What a count needs; three fields, so that a page reaches far. */
export interface CountedLog {
  readonly block: number;
  readonly logIndex: number;
  /** '' where a log has no topic. */
  readonly topic0: string;
}

/** Everything that evidence keeps of a log, as one text: equal logs are equal texts. */
export interface WholeLog {
  readonly block: number;
  readonly logIndex: number;
  readonly content: string;
}

/** Pages of the logs of a block range, counted fields only. */
export function countedPages(
  source: AuditSource,
  range: BlockRange,
  signal: AbortSignal,
): AsyncGenerator<SourcePage<CountedLog>> {
  return pages(source, { range, fields: ['BlockNumber', 'LogIndex', 'Topic0'], signal }, (log) => ({
    ...placeOf(log),
    topic0: log.topics[0] ?? '',
  }));
}

/** Pages of whole logs. */
export function wholePages(
  source: AuditSource,
  range: BlockRange,
  signal: AbortSignal,
): AsyncGenerator<SourcePage<WholeLog>> {
  return pages(source, { range, fields: EVIDENCE_FIELDS.log, signal }, (log) => ({
    ...placeOf(log),
    content: [
      log.blockHash,
      log.transactionHash,
      log.transactionIndex,
      log.address,
      ...[0, 1, 2, 3].map((position) => log.topics[position] ?? '0x'),
      log.data,
    ].join(' '),
  }));
}

interface Paging {
  readonly range: BlockRange;
  readonly fields: readonly (typeof EVIDENCE_FIELDS.log)[number][];
  readonly signal: AbortSignal;
}

const LOGS_A_PAGE = 50_000;

async function* pages<Row>(
  source: AuditSource,
  { range, fields, signal }: Paging,
  rowOf: (log: Log) => Row,
): AsyncGenerator<SourcePage<Row>> {
  for (let next = range.fromBlock; next <= range.toBlock; ) {
    const page = await source.endpoint.page(
      {
        fromBlock: next,
        toBlock: range.toBlock + 1,
        logs: logFilters(source.selections),
        fieldSelection: { log: [...fields] },
        maxNumLogs: LOGS_A_PAGE,
      },
      signal,
    );
    const toBlock = Math.min(page.nextBlock - 1, range.toBlock);
    // Two selections may both want a log.
    const once = new Map(page.data.logs.map((log) => [`${log.blockNumber} ${log.logIndex}`, log]));
    yield { fromBlock: next, toBlock, logs: [...once.values()].map(rowOf) };
    next = page.nextBlock;
  }
}

function placeOf({ blockNumber, logIndex }: Log): { block: number; logIndex: number } {
  if (blockNumber === undefined || logIndex === undefined) {
    throw new CorruptDataError('HyperSync left out a value that was asked for.', {
      facts: { field: 'log.block_number, log.log_index' },
      remedy: 'Try another endpoint of this chain.',
    });
  }
  return { block: blockNumber, logIndex };
}
