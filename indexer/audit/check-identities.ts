import { DERIVED_TABLES } from '../store/event-store.ts';
import {
  type AuditContext,
  type BlockRange,
  type Check,
  landAgain,
  REBUILD,
} from './audit-context.ts';
import { blocksText, count, counted, FindingList } from './findings.ts';
import { stretches } from './stretches.ts';

const FACT = ['block_number', 'log_index', 'sub_index'];

/** Columns that name a row within its chain (ARCHITECTURE.md, "Facts"). */
export const IDENTITIES: Readonly<Record<string, readonly string[]>> = {
  raw_logs: ['block_number', 'log_index'],
  blocks: ['block_number'],
  transactions: ['block_number', 'transaction_index'],
  reversible_blocks: ['block_number'],
  ...Object.fromEntries(DERIVED_TABLES.map((table) => [table, FACT])),
  // One log may change several markets.
  market_states: [...FACT, 'market'],
  open_interest: [...FACT, 'market', 'is_long'],
  // Made at the end of a block, not by a log.
  liquidation_levels: ['block_number', 'venue', 'position_key', 'sign'],
  margin_spreads: ['block_number', 'venue', 'market', 'side'],
  oracle_hours: ['venue', 'token', 'delivery', 'hour_start'],
};

interface Doubles {
  readonly name: string;
  readonly rows: string;
  readonly extra: string;
  readonly places: string;
  readonly first: string;
  readonly last: string;
}

/** What is stored more than once in one table. */
interface Repeated extends BlockRange {
  readonly extra: number;
  readonly places: number;
}

export const identitiesCheck: Check = {
  name: 'identities',
  proves: 'No log, header, transaction or fact is stored twice.',
  async run(context) {
    const found = new FindingList(context.chainId, 'identities');
    const repeated = new Map<string, Repeated>();
    let rows = 0;
    for (const { tables, range } of await looks(context)) {
      context.onProgress(`identities of ${tables[0]} from block ${count(range.fromBlock)}`);
      rows += await lookForDoubles(context, tables, range, repeated);
    }
    for (const [table, { extra, places, fromBlock, toBlock }] of repeated) {
      found.add('double', {
        table,
        fromBlock,
        toBlock,
        count: extra,
        message: `${counted(extra, 'row')} of ${table} stored more than once: ${count(places)} identities (${IDENTITIES[table]?.join(', ')}) in ${blocksText(fromBlock, toBlock)}`,
        remedy: isDerived(table) ? REBUILD : landAgain(context, fromBlock),
      });
    }
    return {
      findings: found.all(),
      summary: `${counted(rows, 'row')} of ${Object.keys(IDENTITIES).length} tables, each with an identity of its own`,
    };
  },
};

/** Small tables are looked at together, large ones a stretch of blocks at a time. */
async function looks(
  context: AuditContext,
): Promise<{ readonly tables: readonly string[]; readonly range: BlockRange }[]> {
  const all = Object.keys(IDENTITIES);
  const whole = { fromBlock: 0, toBlock: Number.MAX_SAFE_INTEGER };
  const rows = await context.store.select<{ name: string; n: string }>(
    all
      .map(
        (table) =>
          `SELECT '${table}' AS name, count() AS n FROM ${table} WHERE chain_id = {chainId:UInt64}`,
      )
      .join(' UNION ALL '),
    { chainId: context.chainId },
  );
  const small = rows.filter(({ n }) => Number(n) <= SMALL_TABLE && Number(n) > 0);
  const planned = small.length > 0 ? [{ tables: small.map(({ name }) => name), range: whole }] : [];
  for (const { name, n } of rows) {
    if (Number(n) <= SMALL_TABLE) continue;
    const range = { fromBlock: 0, toBlock: lastBlockOf(context, name) };
    for (const part of await stretches(context, [name], range)) {
      planned.push({ tables: [name], range: part });
    }
  }
  return planned;
}

/** Rows; fifteen tables of this size together are no more than one stretch. */
const SMALL_TABLE = 100_000;

/** Adds to `repeated`; returns the rows looked at. */
async function lookForDoubles(
  context: AuditContext,
  tables: readonly string[],
  range: BlockRange,
  repeated: Map<string, Repeated>,
): Promise<number> {
  const answers = await context.store.select<Doubles>(
    tables
      .map((table) => {
        const toBlock = Math.min(range.toBlock, lastBlockOf(context, table));
        return `SELECT '${table}' AS name, sum(n) AS rows, sum(n - 1) AS extra, countIf(n > 1) AS places,
           minIf(first_block, n > 1) AS first, maxIf(last_block, n > 1) AS last
         FROM (
           SELECT min(block_number) AS first_block, max(block_number) AS last_block, count() AS n FROM ${table}
           WHERE chain_id = {chainId:UInt64} AND block_number >= ${range.fromBlock} AND block_number <= ${toBlock}
           GROUP BY ${IDENTITIES[table]?.join(', ')})`;
      })
      .join(' UNION ALL '),
    { chainId: context.chainId },
  );
  let rows = 0;
  for (const answer of answers) {
    rows += Number(answer.rows);
    if (Number(answer.extra) === 0) continue;
    const before = repeated.get(answer.name);
    repeated.set(answer.name, {
      fromBlock: before?.fromBlock ?? Number(answer.first),
      toBlock: Number(answer.last),
      extra: (before?.extra ?? 0) + Number(answer.extra),
      places: (before?.places ?? 0) + Number(answer.places),
    });
  }
  return rows;
}

/** -1 when the stage has committed nothing. */
function lastBlockOf(context: AuditContext, table: string): number {
  return context.last[isDerived(table) ? 'project' : 'land']?.toBlock ?? -1;
}

function isDerived(table: string): boolean {
  return DERIVED_TABLES.some((derived) => derived === table);
}
