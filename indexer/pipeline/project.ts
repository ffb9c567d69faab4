import { CorruptDataError } from '../../schema/errors.ts';
import type { DeadLetter } from '../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import { compareByPlace } from '../projections/block-events.ts';
import { Projector } from '../projections/projector.ts';
import type { ChainReader } from '../protocols/protocol-adapter.ts';
import {
  DERIVED_TABLES,
  type DerivedTable,
  type EventStore,
  type Row,
} from '../store/event-store.ts';
import { eventRows } from './event-rows.ts';

/** About this many logs are decoded at once: some tens of milliseconds of work, a few MB. */
const LOGS_PER_BATCH = 4_000;

export interface ProjectRequest {
  readonly store: EventStore;
  readonly chainId: number;
  readonly readers: readonly ChainReader[];
  /** Named in every commit: adapters and their versions. */
  readonly method: string;
  readonly signal: AbortSignal;
  readonly onProjected?: (done: ProjectedBatch) => void;
}

export interface ProjectedBatch {
  readonly toBlock: number;
  readonly events: number;
  readonly deadLetters: number;
  readonly ignored: number;
}

/**
 * Turns landed logs into facts and projections: reads them back in order, decodes, normalizes,
 * folds and appends, one commit a batch. Rebuilding is this from zero.
 */
export class ChainProjection {
  readonly #request: ProjectRequest;
  readonly #projector: Projector;
  #doneTo: number;

  private constructor(request: ProjectRequest, projector: Projector, doneTo: number) {
    this.#request = request;
    this.#projector = projector;
    this.#doneTo = doneTo;
  }

  /** Trims what a crash left above the last commit and restores the fold state below it. */
  static async open(request: ProjectRequest): Promise<ChainProjection> {
    const { store, chainId } = request;
    await store.trim(chainId, 'project');
    const last = await store.lastCommit(chainId, 'project');
    const projector = await Projector.restore(store, chainId);
    return new ChainProjection(request, projector, last ? last.toBlock : -1);
  }

  /** Projects up to the last landed block, or until the signal fires. */
  async catchUp(): Promise<void> {
    const { store, chainId, signal } = this.#request;
    const landed = await store.lastCommit(chainId, 'land');
    while (landed && this.#doneTo < landed.toBlock && !signal.aborted) {
      await this.#projectBatch(landed.toBlock);
    }
  }

  async #projectBatch(landedTo: number): Promise<void> {
    const { store, chainId, readers, method, onProjected } = this.#request;
    const fromBlock = this.#doneTo + 1;
    const { batch, toBlock } = await store.readRawLogs({
      chainId,
      fromBlock,
      toBlock: landedTo,
      maxLogs: LOGS_PER_BATCH,
    });
    const { events, deadLetters, ignored } = readBatch(readers, batch, this.#doneTo, toBlock);
    const senders = await store.transactionSenders(chainId, fromBlock, toBlock);
    const rows = eventRows(events, deadLetters);
    for (const [table, list] of this.#projector.apply(events, senders)) rows.set(table, list);
    const rowCounts = await appendAll(store, rows);
    const header = await store.blockHeader(chainId, toBlock);
    if (!header) {
      throw new CorruptDataError('The header of a landed block is missing.', {
        facts: { block: toBlock },
        remedy: 'The evidence tables were changed by hand: index into a new --data folder.',
      });
    }
    await store.commit({
      chainId,
      stage: 'project',
      fromBlock,
      toBlock,
      lastBlockHash: header.hash,
      lastBlockTimestamp: header.timestamp,
      rowCounts,
      method,
    });
    this.#doneTo = toBlock;
    onProjected?.({ toBlock, events: events.length, deadLetters: deadLetters.length, ignored });
  }
}

async function appendAll(
  store: EventStore,
  rows: ReadonlyMap<DerivedTable, Row[]>,
): Promise<Record<string, number>> {
  const rowCounts: Record<string, number> = {};
  for (const table of DERIVED_TABLES) {
    const tableRows = rows.get(table) ?? [];
    if (tableRows.length > 0) await store.append(table, tableRows);
    rowCounts[table] = tableRows.length;
  }
  return rowCounts;
}

/** Every reader's events of the batch in chain order, with the facts that hold before the logs. */
function readBatch(
  readers: readonly ChainReader[],
  batch: RawLogBatch,
  doneTo: number,
  toBlock: number,
): { events: DomainEvent[]; deadLetters: DeadLetter[]; ignored: number } {
  const events: DomainEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  let ignored = 0;
  for (const reader of readers) {
    for (const event of reader.initialEvents()) {
      if (event.blockNumber > doneTo && event.blockNumber <= toBlock) events.push(event);
    }
    const normalized = reader.normalize(batch);
    for (const event of normalized.events) events.push(event);
    for (const letter of normalized.deadLetters) deadLetters.push(letter);
    ignored += normalized.ignored;
  }
  events.sort(compareByPlace);
  return { events, deadLetters, ignored };
}
