import { OperatorError } from '../../schema/errors.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES, type EventStore } from '../store/event-store.ts';
import type { AuditContext, BlockRange, Check, SourceToAsk } from './audit-context.ts';
import { commitsCheck } from './check-commits.ts';
import { hashChainCheck } from './check-hash-chain.ts';
import { identitiesCheck } from './check-identities.ts';
import { rebuildCheck } from './check-rebuild.ts';
import { sourceCheck } from './check-source.ts';
import { stateCheck } from './check-state.ts';
import { deadLettersCheck, openInterestCheck } from './check-stored-proofs.ts';
import type { CheckReport, Finding } from './findings.ts';
import { sampleRanges, seedOf } from './sample.ts';

const CHECKS: readonly Check[] = [
  commitsCheck,
  identitiesCheck,
  hashChainCheck,
  rebuildCheck,
  sourceCheck,
  openInterestCheck,
  deadLettersCheck,
  stateCheck,
];

export interface TableDigest {
  readonly rows: number;
  readonly digest: string;
}

export interface ChainAudit {
  readonly ok: boolean;
  readonly chainId: number;
  readonly chain: string;
  /** Of the sampled ranges and headers. */
  readonly seed: number;
  readonly tables: Readonly<Record<string, TableDigest>>;
  readonly checks: readonly CheckReport[];
  readonly findings: readonly Finding[];
}

export interface AuditRequest {
  readonly store: EventStore;
  readonly chainId: number;
  readonly chain: string;
  /** Null: no rebuild, for nobody knows how to read the logs. */
  readonly plan: ChainPlan | null;
  readonly source: SourceToAsk;
  /** Ranges to project again, or everything. */
  readonly sample: number | 'full';
  /** Null: one that is fixed by the last committed block. */
  readonly seed: number | null;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/**
 * Audits one chain of a store against itself and its source. Reads only, and looks no further than
 * the commits that are there when it begins.
 * @throws OperatorError when the store is rolled back or rebuilt meanwhile.
 */
export async function auditChain(request: AuditRequest): Promise<ChainAudit> {
  const { store, chainId, chain, signal } = request;
  const context = await contextOf(request);
  const tables: Record<string, TableDigest> = {};
  for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
    signal.throwIfAborted();
    context.onProgress(`digest of ${table}`);
    tables[table] = await store.digest(table, chainId);
  }
  const checks: CheckReport[] = [];
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    signal.throwIfAborted();
    const { name, proves } = check;
    const result = await check.run(context);
    findings.push(...result.findings);
    checks.push({
      chainId,
      name,
      proves,
      status: result.isSkipped ? 'skipped' : result.findings.length > 0 ? 'off' : 'ok',
      summary: result.summary,
      findings: result.findings.length,
    });
  }
  await assertSameStore(context);
  return {
    ok: findings.length === 0,
    chainId,
    chain,
    seed: context.seed,
    tables,
    checks,
    findings,
  };
}

async function contextOf(request: AuditRequest): Promise<AuditContext> {
  const { store, chainId, chain, plan, source, sample, signal } = request;
  const last = {
    land: await store.lastCommit(chainId, 'land'),
    project: await store.lastCommit(chainId, 'project'),
  };
  const [row] = await store.select<{ first: string }>(
    "SELECT min(from_block) AS first FROM commits WHERE chain_id = {chainId:UInt64} AND stage = 'land'",
    { chainId },
  );
  const firstBlock = Number(row?.first ?? 0);
  const seed = request.seed ?? seedOf(`${last.project?.toBlock} ${last.project?.lastBlockHash}`);
  const projected = Math.min(last.project?.toBlock ?? -1, last.land?.toBlock ?? -1);
  const context = { store, chainId, chain, plan, last, firstBlock, seed, source, signal };
  const samples = await samplesOf(store, chainId, { firstBlock, projected, sample, seed });
  return {
    ...context,
    samples,
    isFull: sample === 'full',
    onProgress: request.onProgress ?? (() => {}),
  };
}

async function samplesOf(
  store: EventStore,
  chainId: number,
  asked: {
    readonly firstBlock: number;
    readonly projected: number;
    readonly sample: number | 'full';
    readonly seed: number;
  },
): Promise<BlockRange[]> {
  const { firstBlock, projected, sample, seed } = asked;
  if (projected < 0) return [];
  // From the very first block: facts that no log states may lie below the first log.
  if (sample === 'full') return [{ fromBlock: 0, toBlock: projected }];
  const whole = { fromBlock: firstBlock, toBlock: projected };
  return sampleRanges(store, chainId, { whole, ranges: sample, seed });
}

/** Commits that were there at the beginning must still be: else two states were compared. */
async function assertSameStore({ store, chainId, chain, last }: AuditContext): Promise<void> {
  for (const stage of ['land', 'project'] as const) {
    const commit = last[stage];
    if (!commit) continue;
    const [row] = await store.select<{ n: string }>(
      `SELECT count() AS n FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = {stage:String} AND to_block = {toBlock:UInt64}
         AND last_block_hash = {hash:String} AND method = {method:String}`,
      {
        chainId,
        stage,
        toBlock: commit.toBlock,
        hash: commit.lastBlockHash,
        method: commit.method,
      },
    );
    if (Number(row?.n ?? 0) > 0) continue;
    throw new OperatorError('The store was rolled back or rebuilt while it was audited.', {
      facts: { chain, block: commit.toBlock },
      remedy: 'Run `verify` again.',
    });
  }
}
