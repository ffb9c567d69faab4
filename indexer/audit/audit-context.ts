import type { ChainPlan } from '../pipeline/chain-plan.ts';
import type { Commit, EventStore, Stage } from '../store/event-store.ts';
import type { CheckName, CheckResult } from './findings.ts';
import type { SourceToOpen } from './source-pages.ts';

export interface BlockRange {
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
}

/** The source of a chain, or why it is not asked. */
export type SourceToAsk = SourceToOpen | { readonly notAsked: string };

/** One chain under audit, as of the commits that were there when it began. */
export interface AuditContext {
  readonly store: EventStore;
  readonly chainId: number;
  /** Name of the chain, as commands take it. */
  readonly chain: string;
  /** How the chain's logs are read; null when this program knows none of its venues. */
  readonly plan: ChainPlan | null;
  /** Last commit of each stage; what lies above is not looked at (a next start trims it). */
  readonly last: Readonly<Record<Stage, Commit | null>>;
  /** First block that the land stage has committed; 0 when none. */
  readonly firstBlock: number;
  /** Ranges to project again and to compare with the source byte by byte, in order. */
  readonly samples: readonly BlockRange[];
  readonly isFull: boolean;
  readonly seed: number;
  readonly source: SourceToAsk;
  readonly signal: AbortSignal;
  /** What is being looked at, for a person who waits. */
  readonly onProgress: (text: string) => void;
}

/** A unit of the audit. Reads only. */
export interface Check {
  readonly name: CheckName;
  /** What holds when it finds nothing. */
  readonly proves: string;
  run(context: AuditContext): Promise<CheckResult>;
}

/** What brings evidence from `fromBlock` on back in order. */
export function landAgain(context: AuditContext, fromBlock: number): string {
  if (fromBlock === 0) {
    return 'Index into a new --data folder (or another CLICKHOUSE_DATABASE): the fault reaches down to block 0.';
  }
  return (
    `Stop the indexer, run \`npm run bulkhead -- rollback --chain ${context.chain} --to ${fromBlock - 1}\`, ` +
    'then index again: the blocks above are read anew from the source.'
  );
}

/** Counts and commits that do not agree are mended by every start. */
export const START_AGAIN =
  'Run the same `index` or `start` again: it takes back what does not add up and reads it anew.';

export const REBUILD =
  'Run `npm run bulkhead -- rebuild`: the derived tables are made anew from the raw logs.';
