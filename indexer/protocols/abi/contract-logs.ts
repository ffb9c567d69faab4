import type { AbiEvent } from 'viem';
import type { DeadLetter } from '../../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import type { RawLogBatch } from '../../../schema/raw-log.ts';
import type { NormalizedBatch, Senders } from '../protocol-adapter.ts';
import { DecodeError } from './decode-error.ts';
import { type EventArgs, type EventDecoder, eventDecoder } from './event-decoder.ts';

/** One decoded log of a venue, with the place it will give its events. */
export interface ContractLog<Args = unknown> {
  readonly decoder: EventDecoder;
  readonly name: string;
  readonly args: Args;
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: Uint8Array;
  readonly place: EventPlace;
  readonly transaction: ContractTransaction;
}

/** The venue's decoded logs of one transaction, in log order. */
export interface ContractTransaction {
  /** Lower-case sender; '' where the transaction is not stored. */
  readonly sender: string;
  readonly logs: readonly ContractLog[];
}

type Normalized = DomainEvent | readonly DomainEvent[] | null;

/** What to do with one version of one event; `normalize` null = known, and holds no fact we keep. */
export interface LogHandler {
  readonly decoder: EventDecoder;
  readonly normalize: ((log: ContractLog) => Normalized) | null;
}

/** Reads this version of an event. A log whose `normalize` gives null counts as ignored. */
export function on<const Event extends AbiEvent>(
  event: Event,
  normalize: (log: ContractLog<EventArgs<Event>>) => Normalized,
): LogHandler {
  return {
    decoder: eventDecoder(event),
    normalize: normalize as (log: ContractLog) => Normalized,
  };
}

/** Events of the venue's contracts that say nothing we keep: known, so that a new one is noticed. */
export function ignore(events: readonly AbiEvent[]): readonly LogHandler[] {
  return events.map((event) => ({ decoder: eventDecoder(event), normalize: null }));
}

/** Logs of that event in the transaction, in log order. */
export function siblings<const Event extends AbiEvent>(
  transaction: ContractTransaction,
  event: Event,
): readonly ContractLog<EventArgs<Event>>[] {
  return transaction.logs.filter((log) => log.decoder.event === event) as ContractLog<
    EventArgs<Event>
  >[];
}

export interface ContractLogsRequest {
  readonly venue: string;
  /**
   * Whether a log of this (lower-case) address is the venue's; `topic0` ('' without topics) for
   * contracts of which the venue reads some events only.
   */
  isOurs(address: string, topic0: string): boolean;
  /**
   * What an unknown topic 0 means: a contract that is the venue's alone has an event we do not know
   * ('DEAD_LETTER'); a log found by its topic anywhere has not ('IGNORE').
   */
  readonly unknownTopics: 'DEAD_LETTER' | 'IGNORE';
  readonly handlers: HandlerTable;
}

export type HandlerTable = ReadonlyMap<string, LogHandler>;

/** @throws Error when two handlers have one topic 0 and as many topics: they cannot be told apart. */
export function handlerTable(handlers: readonly LogHandler[]): HandlerTable {
  const table = new Map<string, LogHandler>();
  for (const handler of handlers) {
    const key = keyOf(handler.decoder.topic0, handler.decoder.topicCount);
    if (table.has(key)) throw new Error(`two handlers for ${handler.decoder.event.name}`);
    table.set(key, handler);
  }
  return table;
}

/** Topic 0 of every handler: what to ask the source for. */
export function topicsOf(table: HandlerTable): readonly string[] {
  return [...new Set([...table.values()].map((handler) => handler.decoder.topic0))];
}

function keyOf(topic0: string, topicCount: number): string {
  return `${topic0}/${topicCount}`;
}

/**
 * Logs of a venue's contracts → domain events, in the order of the batch. Never throws on bad bytes:
 * each log becomes events, a dead letter with its reason, or is counted as ignored. Everything is
 * decoded before anything is normalized, so that a log sees the whole of its transaction.
 */
export function normalizeContractLogs(
  batch: RawLogBatch,
  request: ContractLogsRequest,
  senders: Senders = NO_SENDERS,
): NormalizedBatch {
  const deadLetters: DeadLetter[] = [];
  const { decoded, ignored } = decodeLogs(batch, request, senders, deadLetters);
  const events: DomainEvent[] = [];
  let silent = 0;
  for (const { log, normalize } of decoded) {
    try {
      const made = listOf(normalize(log));
      if (made.length === 0) silent++;
      for (const event of made) events.push(event);
    } catch (error) {
      deadLetters.push(deadLetterOf(log, error));
    }
  }
  deadLetters.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  return { events, deadLetters, ignored: ignored + silent };
}

type Normalize = NonNullable<LogHandler['normalize']>;

function decodeLogs(
  batch: RawLogBatch,
  request: ContractLogsRequest,
  senders: Senders,
  deadLetters: DeadLetter[],
) {
  const decoded: { readonly log: ContractLog; readonly normalize: Normalize }[] = [];
  let ignored = 0;
  for (let row = 0; row < batch.length; row++) {
    if (!request.isOurs(batch.address[row] ?? '', batch.topics[row]?.[0] ?? '')) continue;
    const raw = rawLogOf(batch, row, request.venue);
    const handler = request.handlers.get(keyOf(raw.topics[0] ?? '', raw.topics.length));
    if (handler?.normalize) {
      try {
        const transaction = transactionOf(decoded.at(-1)?.log, raw, senders);
        decoded.push({
          log: decodeLog(raw, handler.decoder, transaction),
          normalize: handler.normalize,
        });
      } catch (error) {
        deadLetters.push(deadLetterOf(raw, error));
      }
    } else if (handler === undefined && isUnknownVersion(raw, request)) {
      deadLetters.push(deadLetterOf(raw, unknownEvent(raw)));
    } else {
      ignored++;
    }
  }
  return { decoded, ignored };
}

function listOf(made: Normalized): readonly DomainEvent[] {
  if (made === null) return [];
  return Array.isArray(made) ? made : [made as DomainEvent];
}

const NO_SENDERS: Senders = new Map();

interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: Uint8Array;
  readonly place: EventPlace;
}

/** A topic 0 we know with another number of topics is a version we do not know, wherever it is found. */
function isUnknownVersion(raw: RawLog, { unknownTopics, handlers }: ContractLogsRequest): boolean {
  if (unknownTopics === 'DEAD_LETTER') return true;
  const topic0 = raw.topics[0] ?? '';
  return [1, 2, 3, 4].some((count) => handlers.has(keyOf(topic0, count)));
}

function unknownEvent({ topics }: RawLog): DecodeError {
  const indexed = Math.max(0, topics.length - 1);
  return new DecodeError(
    `no known event version has topic ${topics[0] ?? '(none)'} with ${indexed} indexed parameters`,
  );
}

interface GrowingTransaction extends ContractTransaction {
  readonly logs: ContractLog[];
}

function decodeLog(
  raw: RawLog,
  decoder: EventDecoder,
  transaction: GrowingTransaction,
): ContractLog {
  const args = decoder.decode(raw.topics, raw.data);
  const log = { ...raw, decoder, name: decoder.event.name, args, transaction };
  transaction.logs.push(log);
  return log;
}

/** The transaction of the log before, when it is the same one: logs of a transaction are neighbours. */
function transactionOf(
  last: ContractLog | undefined,
  { place }: RawLog,
  senders: Senders,
): GrowingTransaction {
  const isSame =
    last?.place.transactionHash === place.transactionHash &&
    last.place.blockNumber === place.blockNumber;
  if (last && isSame) return last.transaction as GrowingTransaction;
  return { sender: senders.get(place.transactionHash) ?? '', logs: [] };
}

function rawLogOf(batch: RawLogBatch, row: number, venue: string): RawLog {
  return {
    address: batch.address[row] ?? '',
    topics: batch.topics[row] ?? [],
    data: batch.data[row] ?? new Uint8Array(),
    place: placeOf(batch, row, venue),
  };
}

export function placeOf(batch: RawLogBatch, row: number, venue: string): EventPlace {
  return {
    chainId: batch.chainId,
    blockNumber: batch.blockNumber[row] ?? 0,
    blockTimestamp: batch.blockTimestamp[row] ?? 0,
    transactionHash: batch.transactionHash[row] ?? '',
    transactionIndex: batch.transactionIndex[row] ?? 0,
    logIndex: batch.logIndex[row] ?? 0,
    subIndex: 0,
    venue,
  };
}

/** The log kept whole, with why it could not be read. A fault of ours is said to be one. */
export function deadLetterOf({ place, address, topics, data }: RawLog, error: unknown): DeadLetter {
  const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  return { ...place, reason: reasonOf(error), address, topics: [...topics], data: `0x${hex}` };
}

function reasonOf(error: unknown): string {
  if (error instanceof DecodeError) return error.message;
  return `adapter fault: ${error instanceof Error ? error.message : String(error)}`;
}
