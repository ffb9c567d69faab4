import type { Database } from '../../schema/clickhouse/database.ts';
import { CorruptDataError, OperatorError, RetryableError } from '../../schema/errors.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { ChainProjection } from '../pipeline/project.ts';
import type { WriterGuard } from '../store/chain-writer.ts';
import { findDifference } from '../store/commit-counts.ts';
import { DERIVED_TABLES, type DerivedTable, type EventStore } from '../store/event-store.ts';
import { assertRoomForCopy } from './disk-room.ts';
import {
  carryOverOthers,
  hasSameEvidence,
  type OpenBeside,
  openSecondCopy,
  type SecondCopy,
} from './second-copy.ts';
import { finishSwap, swapIn } from './swap.ts';

export interface RebuildRequest {
  /** The live database and its store. Nothing of it changes before the swap. */
  readonly database: Database;
  readonly store: EventStore;
  /** Who may write the chains of the store; null where no other process can. */
  readonly guard: WriterGuard | null;
  readonly openBeside: OpenBeside;
  /** Chains to project again; the rows of any other are taken over as they are. */
  readonly plans: readonly ChainPlan[];
  readonly signal: AbortSignal;
  readonly onChain?: (start: ChainStart) => void;
  readonly onProjected?: (done: { readonly toBlock: number; readonly events: number }) => void;
  /** Disk space to leave free, in bytes; has a default. */
  readonly spareBytes?: number;
}

export interface ChainStart {
  readonly plan: ChainPlan;
  /** First block that is still to be projected, and the last. */
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly isResumed: boolean;
}

export interface TableChange {
  readonly table: DerivedTable;
  /** Null, as the digest, where a damaged file made the old table unreadable. */
  readonly rowsBefore: number | null;
  readonly rowsAfter: number;
  readonly digestBefore: string | null;
  readonly digestAfter: string;
}

export interface RebuiltChain {
  readonly chain: string;
  readonly chainId: number;
  readonly toBlock: number;
  /** Of this run; a resumed one counts only its part. */
  readonly events: number;
  /** Tables whose content is another than before; [] when the old rows were right. */
  readonly changes: readonly TableChange[];
}

/**
 * Projects the stored raw logs again into a second copy of the derived tables, then swaps the copy
 * in. Readers of the live database see the old tables until then. An interrupted run leaves the live
 * tables as they are, and the next one goes on from its last commit. No other process may write to
 * the store meanwhile.
 * @throws OperatorError when the disk has no room for the copy, stored logs are missing, or evidence
 *   changed meanwhile.
 */
export async function rebuild(request: RebuildRequest): Promise<readonly RebuiltChain[]> {
  const { database, openBeside, plans, signal } = request;
  // Of an attempt before, when this one is made without opening the store anew.
  await finishSwap(database);
  await assertRoomForCopy(database, request.spareBytes);
  const chainIds = await chainsOf(request);
  for (const chainId of chainIds) await request.guard?.hold(chainId);
  for (const { source } of plans) await assertEvidence(database, source.chainId);
  const copy = await openSecondCopy(database, openBeside, plans);
  try {
    const rebuilt: RebuiltChain[] = [];
    for (const plan of plans) {
      const events = await projectAgain(request, plan, copy.store, copy.isResumed);
      if (events === null) continue;
      rebuilt.push({
        chain: plan.source.chain,
        chainId: plan.source.chainId,
        toBlock: await assertWhole(request.store, copy, plan),
        events,
        changes: await compareTables(request.store, copy.store, plan.source.chainId),
      });
    }
    await carryOverOthers(database, copy.database, plans);
    signal.throwIfAborted();
    if (!(await hasSameEvidence(database))) {
      throw new OperatorError('Blocks were landed or rolled back while the tables were rebuilt.', {
        remedy: 'Stop the other indexer of this store, then run the same command again.',
      });
    }
    for (const chainId of chainIds) await request.guard?.confirm(chainId);
    await swapIn(database);
    return rebuilt;
  } finally {
    await copy.database.close();
  }
}

/** Every chain of the store: the tables that are swapped hold all of them. */
async function chainsOf({ store, plans }: RebuildRequest): Promise<readonly number[]> {
  const rows = await store.select<{ chain_id: string }>(
    'SELECT DISTINCT chain_id FROM sources',
    {},
  );
  const planned = plans.map(({ source }) => source.chainId);
  return [...new Set([...planned, ...rows.map((row) => Number(row.chain_id))])];
}

/** Events projected by this run; null when nothing of the chain has landed. */
async function projectAgain(
  request: RebuildRequest,
  plan: ChainPlan,
  store: EventStore,
  isResumed: boolean,
): Promise<number | null> {
  const { signal } = request;
  const { chainId, firstBlock } = plan.source;
  const landed = await store.lastCommit(chainId, 'land');
  if (!landed) return null;
  const done = await store.lastCommit(chainId, 'project');
  request.onChain?.({
    plan,
    fromBlock: done ? done.toBlock + 1 : firstBlock,
    toBlock: landed.toBlock,
    isResumed: isResumed && done !== null,
  });
  let events = 0;
  const projection = await ChainProjection.open({
    store,
    chainId,
    openReaders: plan.openReaders,
    method: plan.method,
    signal,
    onProjected: (batch) => {
      events += batch.events;
      request.onProjected?.({ toBlock: batch.toBlock, events: batch.events });
    },
  });
  await projection.catchUp();
  signal.throwIfAborted();
  return events;
}

/** Tables built from evidence with holes would look sound and not be. */
async function assertEvidence(live: Database, chainId: number): Promise<void> {
  const difference = await findDifference(live, { chainId, stage: 'land' });
  if (!difference) return;
  throw new OperatorError('The stored logs do not add up: nothing can be rebuilt from them.', {
    facts: { chainId, found: difference.what },
    remedy:
      'Run `bulkhead index` on the same source: it lands again what is missing. Then rebuild. Nothing was changed.',
  });
}

/** The copy must reach as far as the evidence, with every row it wrote; returns that block. */
async function assertWhole(live: EventStore, copy: SecondCopy, plan: ChainPlan): Promise<number> {
  const { chainId } = plan.source;
  const landed = await live.lastCommit(chainId, 'land');
  const projected = await copy.store.lastCommit(chainId, 'project');
  const difference = await findDifference(copy.database, { chainId, stage: 'project' });
  if (landed && landed.toBlock === projected?.toBlock && !difference) return landed.toBlock;
  throw new CorruptDataError('The rebuilt tables are not whole: they were not swapped in.', {
    facts: {
      chainId,
      landed: landed?.toBlock ?? 'none',
      rebuilt: projected?.toBlock ?? 'none',
      ...(difference ? { found: difference.what } : {}),
    },
    remedy: 'Stop any other indexer of this store, then run `bulkhead rebuild` again.',
  });
}

async function compareTables(
  live: EventStore,
  copy: EventStore,
  chainId: number,
): Promise<TableChange[]> {
  const changes: TableChange[] = [];
  for (const table of DERIVED_TABLES) {
    const before = await digestIfReadable(live, table, chainId);
    const after = await copy.digest(table, chainId);
    if (before?.rows === after.rows && before.digest === after.digest) continue;
    changes.push({
      table,
      rowsBefore: before?.rows ?? null,
      rowsAfter: after.rows,
      digestBefore: before?.digest ?? null,
      digestAfter: after.digest,
    });
  }
  return changes;
}

/** A damaged old table is a reason to rebuild, not one to stop. */
async function digestIfReadable(store: EventStore, table: DerivedTable, chainId: number) {
  try {
    return await store.digest(table, chainId);
  } catch (error) {
    if (error instanceof RetryableError) return null;
    throw error;
  }
}
