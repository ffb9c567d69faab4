import type { Finality } from './answers.ts';

export const INDEXER_STATES = [
  'CATCHING_UP',
  'FOLLOWING',
  'RETRYING',
  'REBUILDING',
  'STOPPED',
  'FAILED',
] as const;
export type IndexerState = (typeof INDEXER_STATES)[number];

/** States of an indexer that runs: it reports every few seconds. */
const RUNNING_STATES: ReadonlySet<IndexerState> = new Set([
  'CATCHING_UP',
  'FOLLOWING',
  'RETRYING',
  'REBUILDING',
]);

/** An indexer that claims to run and has not reported for so long has gone without a word. */
const STALE_AFTER_MS = 60_000;

/** What the indexer of a chain said of itself last. */
export interface IndexerReport {
  readonly state: IndexerState;
  /** Highest block the source has shown. */
  readonly sourceHeight: number;
  readonly safeDepth: number;
  readonly finalityDepth: number;
  /** What RETRYING waits out and FAILED ended by; '' otherwise. */
  readonly fault: string;
  /** Unix milliseconds. */
  readonly failingSinceMs: number | null;
  readonly reportedAtMs: number;
}

interface IndexerRow {
  readonly indexer_state: string;
  readonly source_height: number;
  readonly safe_depth: number;
  readonly finality_depth: number;
  readonly fault: string;
  readonly failing_since_ms: number | null;
  readonly reported_at_ms: number;
}

/** Null where no indexer reported, or one in words of another release. */
export function toIndexerReport(row: IndexerRow): IndexerReport | null {
  const state = INDEXER_STATES.find((known) => known === row.indexer_state);
  if (state === undefined) return null;
  return {
    state,
    sourceHeight: row.source_height,
    safeDepth: row.safe_depth,
    finalityDepth: row.finality_depth,
    fault: withoutSecrets(row.fault),
    failingSinceMs: row.failing_since_ms,
    reportedAtMs: row.reported_at_ms,
  };
}

/** A fault may quote an address: who asks need not see the user, password or token in it. */
function withoutSecrets(fault: string): string {
  return fault
    .replace(/(\w+:\/\/)[^\s/@]+@/g, '$1')
    .replace(/(\w+:\/\/[^\s?]+)\?\S+/g, '$1')
    .replace(/\bBearer\s+\S+/gi, 'Bearer …');
}

export function isStale({ state, reportedAtMs }: IndexerReport, nowMs: number): boolean {
  return RUNNING_STATES.has(state) && nowMs - reportedAtMs > STALE_AFTER_MS;
}

interface Chain {
  readonly isRecorded: boolean;
  readonly headBlock: number | null;
  readonly indexer: IndexerReport | null;
}

/** Highest blocks of a chain that count as SAFE and FINAL; null where none does. */
export interface FinalityHeights {
  readonly safeBlock: number | null;
  readonly finalBlock: number | null;
  readonly safeDepth: number | null;
  readonly finalityDepth: number | null;
}

/**
 * A recorded archive never changes: all of it is final, unless it is followed through an endpoint as
 * a chain is. Of a chain that no indexer has spoken of, nothing is known to be final.
 */
export function finalityHeights(chain: Chain): FinalityHeights {
  const { indexer, headBlock } = chain;
  if (chain.isRecorded && (indexer === null || indexer.finalityDepth === 0)) {
    return { safeBlock: headBlock, finalBlock: headBlock, safeDepth: 0, finalityDepth: 0 };
  }
  if (indexer === null) {
    return { safeBlock: null, finalBlock: null, safeDepth: null, finalityDepth: null };
  }
  const { safeDepth, finalityDepth } = indexer;
  const height = Math.max(indexer.sourceHeight, headBlock ?? 0);
  const below = (depth: number) => (height >= depth ? height - depth : null);
  return {
    safeBlock: below(safeDepth),
    finalBlock: below(finalityDepth),
    safeDepth,
    finalityDepth,
  };
}

/** How final a block is; an answer over a range is as final as its last block. */
export function finalityOf(chain: Chain, block: number): Finality {
  const { safeBlock, finalBlock } = finalityHeights(chain);
  if (finalBlock !== null && block <= finalBlock) return 'FINAL';
  return safeBlock !== null && block <= safeBlock ? 'SAFE' : 'HEAD';
}
