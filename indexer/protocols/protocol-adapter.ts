import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import type { DeadLetter } from '../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import type { KnownPosition } from './position-memory.ts';

/** Which logs to ask the source for: any of the addresses AND, per position, any of the topics. */
export interface LogSelection {
  /** Lower case; empty = any contract. */
  readonly addresses: readonly string[];
  /** `topics[i]` lists what topic i may be; an empty list means anything. */
  readonly topics: readonly (readonly string[])[];
}

/** The chain an adapter is asked to read: a public one, or that of an archive. */
export interface ChainContext {
  readonly chainId: number;
  /** Public chain name ('arbitrum') or the archive's own ('local-gmx-v2'). */
  readonly chain: string;
  readonly manifest: ArchiveManifest | null;
}

export interface NormalizedBatch {
  /** In chain order. */
  readonly events: readonly DomainEvent[];
  readonly deadLetters: readonly DeadLetter[];
  /** Logs of the venue that carry no fact we keep (counted, never lost: the raw log stays). */
  readonly ignored: number;
}

/** Transaction hash → lower-case sender, where the transaction is stored. */
export type Senders = ReadonlyMap<string, string>;

/** One venue (or oracle) on one chain, ready to read logs. */
export interface ChainReader {
  readonly selections: readonly LogSelection[];
  /** First block worth scanning on this chain. */
  readonly firstBlock: number;
  /** Facts that hold before the first log: initial parameters, known markets. Placed at their block. */
  initialEvents(): readonly DomainEvent[];
  /**
   * For venues whose logs name a position by its key alone: what is known of every position so far,
   * handed over once before the first `normalize` of a run that continues. Within a run the reader
   * remembers by itself.
   */
  remember?(positions: readonly KnownPosition[]): void;
  /**
   * Bytes → domain events. Never throws on bad bytes: they become dead letters. A batch holds whole
   * blocks, and batches come in chain order.
   */
  normalize(batch: RawLogBatch, senders?: Senders): NormalizedBatch;
}

/** One thing an installation knows about a venue on a chain, or knows that it lacks. */
export interface ReferenceFact {
  /** @example 'markets', 'maxLeverage', 'EventEmitter 0xc8ee…' */
  readonly subject: string;
  readonly isKnown: boolean;
  /** What is known and where it comes from, or what follows from not knowing it. */
  readonly text: string;
}

/**
 * Adds a venue or an oracle to Bulkhead: a folder under protocols/ whose index.ts is this object, a
 * rules folder under margin/rules/ (venues only), and one line in each registry.ts.
 */
export interface ProtocolAdapter {
  readonly venue: string;
  readonly kind: 'VENUE' | 'ORACLE';
  /** Changes whenever the same log would give other events: commits quote it. */
  readonly version: string;
  /** Null when the venue is not on that chain. */
  readerFor(context: ChainContext): ChainReader | null;
  /** What is known and what is missing for a chain, for `bulkhead doctor`; empty = not on that chain. */
  knownOn(chainId: number): readonly ReferenceFact[];
}
