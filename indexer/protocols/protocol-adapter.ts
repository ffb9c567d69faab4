import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import type { DeadLetter } from '../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';

/** Which logs to ask the source for: any of the addresses AND, per position, any of the topics. */
export interface LogSelection {
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

/** One venue (or oracle) on one chain, ready to read logs. */
export interface ChainReader {
  readonly selections: readonly LogSelection[];
  /** First block worth scanning on this chain. */
  readonly firstBlock: number;
  /** Facts that hold before the first log: initial parameters, known markets. Placed at their block. */
  initialEvents(): readonly DomainEvent[];
  /** Bytes → domain events. Never throws on bad bytes: they become dead letters. */
  normalize(batch: RawLogBatch): NormalizedBatch;
}

/**
 * Adds a venue to Bulkhead: a folder under protocols/ whose index.ts is this object, a rules file
 * under margin/rules/, and one line in registry.ts.
 */
export interface ProtocolAdapter {
  readonly venue: string;
  /** Changes whenever the same log would give other events: commits quote it. */
  readonly version: string;
  /** Null when the venue is not on that chain. */
  readerFor(context: ChainContext): ChainReader | null;
}
