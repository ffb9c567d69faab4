import { engineErrorType } from '../../schema/clickhouse/engine-errors.ts';
import { AppError, CorruptDataError } from '../../schema/errors.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { ChainProjection } from '../pipeline/project.ts';
import { DERIVED_TABLES } from '../store/event-store.ts';
import { type AuditContext, type BlockRange, type Check, REBUILD } from './audit-context.ts';
import { blocksText, counted, FindingList } from './findings.ts';
import { openPastStore } from './past-store.ts';
import { RowComparison } from './row-comparison.ts';

const WORDS = {
  missing: 'missing',
  extra: 'that the raw logs do not give',
  different: 'with another content than the raw logs give',
} as const;

export const rebuildCheck: Check = {
  name: 'rebuild',
  proves: 'Projecting the raw logs again gives the derived rows that are stored, value for value.',
  async run(context) {
    const skipped = await reasonToSkip(context);
    if (skipped !== null || !context.plan) {
      return { findings: [], summary: skipped ?? '', isSkipped: true };
    }
    const found = new FindingList(context.chainId, 'rebuild');
    const comparison = new RowComparison(context.store, context.chainId);
    for (const range of context.samples) {
      try {
        await projectAgain(context, context.plan, range, comparison);
      } catch (error) {
        if (!isFaultOfData(error)) throw error;
        found.add('failed', {
          table: 'raw_logs',
          ...range,
          count: 1,
          message: `${blocksText(range.fromBlock, range.toBlock)} cannot be projected again: ${error.message}`,
          remedy: error instanceof AppError && error.remedy ? error.remedy : REBUILD,
        });
      }
    }
    for (const { table, kind, fromBlock, toBlock, rows, example } of comparison.differences()) {
      found.add(kind, {
        table,
        fromBlock,
        toBlock,
        count: rows,
        message: `${counted(rows, 'row')} ${WORDS[kind]}, in ${blocksText(fromBlock, toBlock)} (first: ${example})`,
        remedy: REBUILD,
      });
    }
    return { findings: found.all(), summary: summaryOf(context, comparison.compared) };
  },
};

/** Null when the check can look. */
async function reasonToSkip(context: AuditContext): Promise<string | null> {
  if (!context.last.project) return 'nothing is projected yet';
  if (!context.plan) return 'this program knows none of the venues of the store';
  if (context.samples.length === 0) return 'no range was asked for (--sample 0)';
  const methods = await context.store.select<{ method: string }>(
    `SELECT DISTINCT method FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = 'project' AND to_block <= {toBlock:UInt64} AND method != {method:String}`,
    {
      chainId: context.chainId,
      toBlock: context.last.project.toBlock,
      method: context.plan.method,
    },
  );
  const [other] = methods;
  if (!other) return null;
  return `the derived rows were made by other versions (${other.method}) than this program has (${context.plan.method}): rebuild first, then verify`;
}

async function projectAgain(
  context: AuditContext,
  plan: ChainPlan,
  range: BlockRange,
  comparison: RowComparison,
): Promise<void> {
  const { chainId, signal } = context;
  const past = await openPastStore({
    store: context.store,
    chainId,
    range,
    onBatch: async (rows, blocks) => {
      context.onProgress(`projecting again, at block ${blocks.toBlock} of ${range.toBlock}`);
      for (const table of DERIVED_TABLES) {
        await comparison.compare(table, rows.get(table) ?? [], blocks);
      }
    },
  });
  const projection = await ChainProjection.open({
    store: past,
    chainId,
    openReaders: plan.openReaders,
    method: plan.method,
    signal,
  });
  await projection.catchUp();
}

/** A header that is missing, a state that cannot be read: the store's fault, not the engine's or ours. */
function isFaultOfData(error: unknown): error is Error {
  if (error instanceof AppError) return error instanceof CorruptDataError;
  return (
    error instanceof Error && error.name !== 'AbortError' && engineErrorType(error) === undefined
  );
}

function summaryOf({ samples, isFull, seed }: AuditContext, rows: number): string {
  const ranges = samples.map(({ fromBlock, toBlock }) => blocksText(fromBlock, toBlock));
  const shown = ranges.slice(0, 4).join('; ') + (ranges.length > 4 ? '; …' : '');
  const which = isFull
    ? 'everything'
    : `${counted(samples.length, 'range')} chosen by seed ${seed}`;
  return `${counted(rows, 'row')} made again and compared: ${which} (${shown})`;
}
