import type { Database } from '../../schema/clickhouse/database.ts';
import { CorruptDataError, OperatorError } from '../../schema/errors.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { ChainProjection } from '../pipeline/project.ts';
import { DERIVED_TABLES, type DerivedTable, type EventStore } from '../store/event-store.ts';
import { assertRoomForCopy } from './disk-room.ts';
import {
  carryOverOthers,
  hasSameEvidence,
  type OpenBeside,
  openSecondCopy,
} from './second-copy.ts';
import { swapIn } from './swap.ts';

export interface RebuildRequest {
  /** The live database and its store. Nothing of it changes before the swap. */
  readonly database: Database;
  readonly store: EventStore;
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
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly digestBefore: string;
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
 * @throws OperatorError when the disk has no room for the copy, or evidence changed meanwhile.
 */
export async function rebuild(request: RebuildRequest): Promise<readonly RebuiltChain[]> {
  const { database, openBeside, plans, signal } = request;
  await assertRoomForCopy(database, request.spareBytes);
  const copy = await openSecondCopy(database, openBeside, plans);
  try {
    const rebuilt: RebuiltChain[] = [];
    for (const plan of plans) {
      const events = await projectAgain(request, plan, copy.store, copy.isResumed);
      if (events === null) continue;
      rebuilt.push({
        chain: plan.source.chain,
        chainId: plan.source.chainId,
        toBlock: await assertWhole(request.store, copy.store, plan),
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
    await swapIn(database);
    return rebuilt;
  } finally {
    await copy.database.close();
  }
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

/** The copy must reach as far as the evidence; returns that block. */
async function assertWhole(live: EventStore, copy: EventStore, plan: ChainPlan): Promise<number> {
  const { chainId } = plan.source;
  const landed = await live.lastCommit(chainId, 'land');
  const projected = await copy.lastCommit(chainId, 'project');
  if (landed && landed.toBlock === projected?.toBlock) return landed.toBlock;
  throw new CorruptDataError('The rebuilt tables do not reach the last landed block.', {
    facts: { chainId, landed: landed?.toBlock ?? 'none', rebuilt: projected?.toBlock ?? 'none' },
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
    const before = await live.digest(table, chainId);
    const after = await copy.digest(table, chainId);
    if (before.rows === after.rows && before.digest === after.digest) continue;
    changes.push({
      table,
      rowsBefore: before.rows,
      rowsAfter: after.rows,
      digestBefore: before.digest,
      digestAfter: after.digest,
    });
  }
  return changes;
}
