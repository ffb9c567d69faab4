import { DERIVED_TABLES } from '../store/event-store.ts';
import { type AuditContext, type Check, landAgain, REBUILD } from './audit-context.ts';
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
};

interface Doubles {
  readonly rows: string;
  readonly extra: string;
  readonly places: string;
  readonly first: string;
  readonly last: string;
}

export const identitiesCheck: Check = {
  name: 'identities',
  proves: 'No log, header, transaction or fact is stored twice.',
  async run(context) {
    const found = new FindingList(context.chainId, 'identities');
    let rows = 0;
    for (const [table, identity] of Object.entries(IDENTITIES)) {
      context.onProgress(`identities of ${table}`);
      rows += await doublesOf(context, table, identity, found);
    }
    return {
      findings: found.all(),
      summary: `${counted(rows, 'row')} of ${Object.keys(IDENTITIES).length} tables, each with an identity of its own`,
    };
  },
};

async function doublesOf(
  context: AuditContext,
  table: string,
  identity: readonly string[],
  found: FindingList,
): Promise<number> {
  const isDerived = DERIVED_TABLES.some((derived) => derived === table);
  const toBlock = context.last[isDerived ? 'project' : 'land']?.toBlock ?? -1;
  let rows = 0;
  const sum = { extra: 0, places: 0, first: 0, last: 0 };
  for (const stretch of await stretches(context, [table], { fromBlock: 0, toBlock })) {
    const [answer] = await context.store.select<Doubles>(
      `SELECT sum(n) AS rows, sum(n - 1) AS extra, countIf(n > 1) AS places,
         minIf(block_number, n > 1) AS first, maxIf(block_number, n > 1) AS last
       FROM (
         SELECT block_number, count() AS n FROM ${table}
         WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
         GROUP BY ${identity.join(', ')})`,
      { chainId: context.chainId, ...stretch },
    );
    rows += Number(answer?.rows ?? 0);
    if (!answer || Number(answer.extra) === 0) continue;
    sum.first = sum.places === 0 ? Number(answer.first) : sum.first;
    sum.last = Number(answer.last);
    sum.extra += Number(answer.extra);
    sum.places += Number(answer.places);
  }
  if (sum.extra > 0) {
    found.add('double', {
      table,
      fromBlock: sum.first,
      toBlock: sum.last,
      count: sum.extra,
      message: `${counted(sum.extra, 'row')} of ${table} stored more than once: ${count(sum.places)} identities (${identity.join(', ')}) in ${blocksText(sum.first, sum.last)}`,
      remedy: isDerived ? REBUILD : landAgain(context, sum.first),
    });
  }
  return rows;
}
