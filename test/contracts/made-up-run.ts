import {
  DERIVED_TABLES,
  EVIDENCE_TABLES,
  type EventStore,
  type Row,
} from '../../indexer/store/event-store.ts';
import { hashOf, headRange } from './head-branch.ts';
import { commitOf, rowFor, type StoreUnderTest } from './store-rows.ts';

/** Last blocks of the ranges that the made-up indexer commits. */
const ENDS = [4, 8, 12];
/** Blocks below it are the same on both branches. */
export const FORK_AT = 6;

const TABLES = ['position_events', 'market_events'] as const;

/** Derived rows of a block range: none for every third block. */
async function rowsOf(
  { database }: StoreUnderTest,
  chainId: number,
  [fromBlock, toBlock]: readonly [number, number],
  branch: string,
): Promise<Readonly<Record<(typeof TABLES)[number], Row[]>>> {
  const rows: Record<(typeof TABLES)[number], Row[]> = { position_events: [], market_events: [] };
  for (const table of TABLES) {
    const model = await rowFor(database, table, { chainId, block: 0, logIndex: 0 });
    for (let block = fromBlock; block <= toBlock; block++) {
      if (block % 3 === 0) continue;
      const place = { block_number: block, transaction_hash: hashOf(block, branch, FORK_AT) };
      rows[table].push({ ...model, ...place, log_index: 0 });
      if (table === 'position_events') rows[table].push({ ...model, ...place, log_index: 1 });
    }
  }
  return rows;
}

/** A second chain with the content of another: quicker than indexing it. */
export async function copyChain(
  { database }: StoreUnderTest,
  from: number,
  to: number,
): Promise<void> {
  for (const table of [...TABLES, ...EVIDENCE_TABLES, 'reversible_blocks', 'commits']) {
    await database.command(
      `INSERT INTO ${table} SELECT * REPLACE ({to:UInt64} AS chain_id)
       FROM (SELECT * FROM ${table} WHERE chain_id = {from:UInt64})`,
      { from, to },
    );
  }
}

/** What an indexer does from its last commits on, up to block 12 of a branch: lands, then projects. */
export async function runIndexer(
  under: StoreUnderTest,
  chainId: number,
  branch = 'a',
  store: EventStore = under.store,
): Promise<void> {
  await store.trim(chainId, 'land');
  await store.trim(chainId, 'project');
  for (const toBlock of ENDS) {
    const fromBlock = ((await store.lastCommit(chainId, 'land'))?.toBlock ?? 0) + 1;
    if (fromBlock > toBlock) continue;
    const range = headRange(fromBlock, toBlock, { branch, forkAt: FORK_AT });
    const rowCounts = await store.landHead(chainId, range);
    const { lastBlockHash, lastBlockTimestamp } = range;
    await store.commit({
      ...commitOf('land', fromBlock, toBlock),
      ...{ chainId, lastBlockHash, lastBlockTimestamp, rowCounts },
    });
  }
  for (const toBlock of ENDS) {
    const fromBlock = ((await store.lastCommit(chainId, 'project'))?.toBlock ?? -1) + 1;
    if (fromBlock > toBlock) continue;
    const rows = await rowsOf(under, chainId, [fromBlock, toBlock], branch);
    for (const table of TABLES) await store.append(table, rows[table]);
    const rowCounts = Object.fromEntries(TABLES.map((table) => [table, rows[table].length]));
    await store.commit({ ...commitOf('project', fromBlock, toBlock), chainId, rowCounts });
  }
}

/** Content of every table of a chain, but for the chain's id, and how far its commits reach. */
export async function contentOf(
  { database, store }: StoreUnderTest,
  chainId: number,
): Promise<Readonly<Record<string, unknown>>> {
  const content: Record<string, unknown> = {
    land: (await store.lastCommit(chainId, 'land'))?.toBlock,
    project: (await store.lastCommit(chainId, 'project'))?.toBlock,
  };
  const tables = [...DERIVED_TABLES, ...EVIDENCE_TABLES, 'reversible_blocks'];
  const rows = await database.select<{ name: string; content: string; n: string }>(
    tables
      .map(
        (table) => `SELECT '${table}' AS name, count() AS n,
          sum(cityHash64(toString(tuple(* EXCEPT chain_id)))) AS content
          FROM ${table} WHERE chain_id = {chainId:UInt64}`,
      )
      .join(' UNION ALL '),
    { chainId },
  );
  for (const row of rows) content[row.name] = `${row.n} ${row.content}`;
  return content;
}
