import { CorruptDataError } from '../../schema/errors.ts';
import type { DeadLetter } from '../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import { StageClock } from '../observability/stage-clock.ts';
import { compareByPlace } from '../projections/block-events.ts';
import { Projector } from '../projections/projector.ts';
import type { ChainReader, NormalizedBatch, Senders } from '../protocols/protocol-adapter.ts';
import {
  type Commit,
  DERIVED_TABLES,
  type DerivedTable,
  type EventStore,
  type Row,
} from '../store/event-store.ts';
import { eventRows } from './event-rows.ts';
import { type Slice, slices } from './slices.ts';

/** About this many logs go into one commit: a few tens of MB of rows at most. */
const LOGS_PER_BATCH = 8_000;

/** And this many before the event loop gets its turn. */
const LOGS_PER_SLICE = 200;

export interface ProjectRequest {
  readonly store: EventStore;
  readonly chainId: number;
  readonly openReaders: () => readonly ChainReader[];
  /** Named in every commit: adapters and their versions. */
  readonly method: string;
  readonly signal: AbortSignal;
  readonly onProjected?: (done: ProjectedBatch) => void;
  /** Where the time goes: stages read, normalize, fold, append, commit. */
  readonly clock?: StageClock;
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
  readonly #readers: readonly ChainReader[];
  readonly #clock: StageClock;
  readonly #initialEvents: readonly DomainEvent[];
  #doneTo: number;

  private constructor(request: ProjectRequest, projector: Projector, doneTo: number) {
    this.#request = request;
    this.#projector = projector;
    this.#clock = request.clock ?? new StageClock();
    this.#readers = request.openReaders();
    for (const reader of this.#readers) reader.remember?.(projector.positions());
    this.#initialEvents = this.#readers.flatMap((reader) => reader.initialEvents());
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
      await this.#projectBatch(landed);
    }
  }

  async #projectBatch(landed: Commit): Promise<void> {
    const { store, chainId, method, onProjected } = this.#request;
    const clock = this.#clock;
    const fromBlock = this.#doneTo + 1;
    const { batch, toBlock, senders, header, initial } = await clock.time('read', () =>
      this.#read(fromBlock, landed),
    );
    const rows = new Map<DerivedTable, Row[]>();
    const counts = { events: 0, deadLetters: 0, ignored: 0 };
    for (const slice of slices(batch, toBlock, LOGS_PER_SLICE)) {
      const read = await clock.time('normalize', () => this.#normalize(slice, senders, initial));
      counts.events += read.events.length;
      counts.deadLetters += read.deadLetters.length;
      counts.ignored += read.ignored;
      collect(rows, eventRows(read.events, read.deadLetters));
      collect(rows, await clock.time('fold', () => this.#projector.apply(read.events, senders)));
      await breathe();
    }
    const rowCounts = await clock.time('append', () => appendAll(store, rows));
    await clock.time('commit', () =>
      store.commit({
        chainId,
        stage: 'project',
        fromBlock,
        toBlock,
        lastBlockHash: header.hash,
        lastBlockTimestamp: header.timestamp,
        rowCounts,
        method,
      }),
    );
    this.#doneTo = toBlock;
    onProjected?.({ toBlock, ...counts });
  }

  async #read(fromBlock: number, landed: Commit) {
    const { store, chainId } = this.#request;
    const { batch, toBlock } = await store.readRawLogs({
      chainId,
      fromBlock,
      toBlock: landed.toBlock,
      maxLogs: LOGS_PER_BATCH,
    });
    return {
      batch,
      toBlock,
      senders: await store.transactionSenders(chainId, fromBlock, toBlock),
      header: await this.#headerOf(toBlock, landed),
      initial: await this.#initialWithin(toBlock),
    };
  }

  /** A public chain's range ends at a block that may have no logs: its header is in the commit only. */
  async #headerOf(block: number, landed: Commit): Promise<{ hash: string; timestamp: number }> {
    if (block === landed.toBlock) {
      return { hash: landed.lastBlockHash, timestamp: landed.lastBlockTimestamp };
    }
    const { store, chainId } = this.#request;
    const header = await store.blockHeader(chainId, block);
    if (header) return header;
    throw new CorruptDataError('The header of a landed block is missing.', {
      facts: { block },
      remedy: 'The evidence tables were changed by hand: index into a new --data folder.',
    });
  }

  /** Facts that no log states, of the blocks up to `toBlock`, with the time of their block if it landed. */
  async #initialWithin(toBlock: number): Promise<DomainEvent[]> {
    const { store, chainId } = this.#request;
    const due = this.#initialEvents.filter(
      ({ blockNumber }) => blockNumber > this.#doneTo && blockNumber <= toBlock,
    );
    const times = new Map<number, number>();
    for (const block of new Set(due.map(({ blockNumber }) => blockNumber))) {
      times.set(block, (await store.blockHeader(chainId, block))?.timestamp ?? 0);
    }
    return due
      .map((event) => ({ ...event, blockTimestamp: times.get(event.blockNumber) ?? 0 }))
      .sort(compareByPlace);
  }

  /** Every reader's events of the slice in chain order, with the facts that hold before the logs. */
  #normalize({ batch, toBlock }: Slice, senders: Senders, initial: DomainEvent[]): NormalizedBatch {
    const events: DomainEvent[] = [];
    const deadLetters: DeadLetter[] = [];
    let ignored = 0;
    while (initial[0] && initial[0].blockNumber <= toBlock) events.push(...initial.splice(0, 1));
    for (const reader of this.#readers) {
      const normalized = reader.normalize(batch, senders);
      for (const event of normalized.events) events.push(event);
      for (const letter of normalized.deadLetters) deadLetters.push(letter);
      ignored += normalized.ignored;
    }
    events.sort(compareByPlace);
    return { events, deadLetters, ignored };
  }
}

/** Lets requests and timers run between two slices of work. */
function breathe(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function collect(into: Map<DerivedTable, Row[]>, more: ReadonlyMap<DerivedTable, Row[]>): void {
  for (const [table, list] of more) {
    const rows = into.get(table);
    if (rows) for (const row of list) rows.push(row);
    else into.set(table, list);
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
