import { type ChainPlan, refuseOtherVenues } from '../pipeline/chain-plan.ts';
import { chainById } from '../source/chains.ts';
import type { EventStore, IndexerStateName } from '../store/event-store.ts';
import { type RebuildRequest, type RebuiltChain, rebuild } from './rebuild.ts';
import { finishSwap } from './swap.ts';

export interface CurrentRequest extends RebuildRequest {
  /** Says, before it begins, why a chain is projected again. */
  readonly onStale?: (plan: ChainPlan, why: string) => void;
  /** What was put right in the store of such a chain first, one sentence each. */
  readonly onRepaired?: (text: string) => void;
}

/**
 * Projects those chains again whose rows were made by other rules than the plans', and returns
 * them ([] when all is current). To be called once, before any chain of the store is indexed:
 * nothing may be landed or projected meanwhile. The API goes on answering from the old rows.
 * @throws UsageError or OperatorError when the store holds other venues or another source.
 */
export async function ensureCurrentProjections(
  request: CurrentRequest,
): Promise<readonly RebuiltChain[]> {
  await finishSwap(request.database);
  const stale: ChainPlan[] = [];
  for (const plan of request.plans) {
    await request.store.claimSource(plan.source);
    await refuseOtherVenues(plan, request.store);
    const why = await staleness(request.store, plan);
    if (why === null) continue;
    request.onStale?.(plan, why);
    stale.push(plan);
  }
  if (stale.length === 0) return [];
  for (const plan of stale) {
    // Rows are made again from the evidence: it has to be whole.
    for (const text of await request.store.repair(plan.source.chainId)) request.onRepaired?.(text);
    await recordRebuildState(request.store, plan, 'REBUILDING');
  }
  return rebuild({ ...request, plans: stale });
}

/**
 * What differs between the rules that made a chain's rows and the plan's, or null.
 * @example 'gmx-v2/1 → gmx-v2/2, none → projections/1'
 */
export async function staleness(store: EventStore, plan: ChainPlan): Promise<string | null> {
  // Not the last commit alone: an older program may have gone on where a still older one ended.
  const rows = await store.select<{ method: string }>(
    `SELECT method, max(to_block) AS head FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = 'project'
     GROUP BY method ORDER BY head DESC`,
    { chainId: plan.source.chainId },
  );
  for (const { method } of rows) {
    const difference = methodDifference(method, plan.method);
    if (difference !== null) return difference;
  }
  return null;
}

/** @example methodDifference('gmx-v2/1', 'gmx-v2/2 projections/1') // 'gmx-v2/1 → gmx-v2/2, none → projections/1' */
export function methodDifference(before: string, after: string): string | null {
  const old = byName(before);
  const current = byName(after);
  const differences = [...new Set([...old.keys(), ...current.keys()])]
    .filter((name) => old.get(name) !== current.get(name))
    .map((name) => `${old.get(name) ?? 'none'} → ${current.get(name) ?? 'none'}`);
  return differences.length === 0 ? null : differences.join(', ');
}

function byName(method: string): Map<string, string> {
  return new Map(method.split(' ').map((one) => [one.slice(0, one.lastIndexOf('/')), one]));
}

/** Says what is done to a chain; heights and depths stay what the last indexer said. */
export async function recordRebuildState(
  store: EventStore,
  plan: ChainPlan,
  state: IndexerStateName,
): Promise<void> {
  const { chainId, manifest } = plan.source;
  const [last] = await store.select<{ height: string; safe: number; final: number }>(
    `SELECT source_height AS height, safe_depth AS safe, finality_depth AS final
     FROM indexer_states WHERE chain_id = {chainId:UInt64} ORDER BY recorded_at DESC LIMIT 1`,
    { chainId },
  );
  const landed = await store.lastCommit(chainId, 'land');
  // A recorded archive is final as it is.
  const depth = manifest === '' ? (chainById(chainId)?.finalityDepth ?? 0) : 0;
  await store.recordState({
    chainId,
    state,
    sourceHeight: last ? Number(last.height) : (landed?.toBlock ?? 0),
    safeDepth: last?.safe ?? depth,
    finalityDepth: last?.final ?? depth,
    fault: '',
    failingSince: null,
  });
}
