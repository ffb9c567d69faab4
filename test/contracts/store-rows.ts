import { fileURLToPath } from 'node:url';
import type { ParquetRange } from '../../indexer/source/log-source.ts';
import type {
  Commit,
  DerivedTable,
  EventStore,
  Row,
  Stage,
} from '../../indexer/store/event-store.ts';
import type { Database } from '../../schema/clickhouse/database.ts';

export interface StoreUnderTest {
  readonly store: EventStore;
  readonly database: Database;
  close(): Promise<void>;
}

/** Takes every row out of the tables, but for what was migrated: quicker than tables of its own for each test. */
export async function emptied({ database }: StoreUnderTest): Promise<void> {
  const tables = await database.select<{ name: string }>(
    `SELECT DISTINCT replaceRegexpOne(name, '_local$', '') AS name FROM system.tables
     WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name NOT LIKE 'migrations%'
       -- On a cluster the rows may be those of another shard.
       AND (total_rows > 0 OR endsWith(name, '_local'))`,
  );
  for (const { name } of tables) await database.command(`TRUNCATE TABLE ${name}`);
}

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/hypersync-parquet/${name}.parquet`, import.meta.url));

/** The fixture's 89 logs of blocks 100..160 as the source hands them over. */
export const RANGE: ParquetRange = {
  fromBlock: 100,
  toBlock: 160,
  lastBlockHash: '0x',
  lastBlockTimestamp: 0,
  logsFile: fixture('logs'),
  blocksFile: fixture('blocks'),
  transactionsFile: fixture('transactions'),
  rowCounts: { logs: 89, blocks: 41, transactions: 41 },
  discard: async () => {},
};
export const CHAIN = 42161;

export function commitOf(stage: Stage, fromBlock: number, toBlock: number): Commit {
  return {
    chainId: CHAIN,
    stage,
    fromBlock,
    toBlock,
    lastBlockHash: '0xabcd',
    lastBlockTimestamp: 1_700_000_000,
    rowCounts: { raw_logs: 89, "it's": 1 },
    method: 'gmx-v2@1',
  };
}

/** A made-up value of a column type that differs with `seed`. */
function madeUpValue(type: string, seed: number): unknown {
  if (/^Array\(U?Int/.test(type)) return [seed, seed + 1];
  if (type.startsWith('Array')) return [`it's ${seed}`, 'tab\there'];
  if (/Bool/.test(type)) return seed % 2 === 0;
  if (/Int256/.test(type)) return -(10n ** 40n) - BigInt(seed);
  if (/Int/.test(type)) return seed;
  return `text ${seed}`;
}

/** One row for any derived table, at a place: every column filled by its type. */
export async function rowFor(
  database: Database,
  table: DerivedTable,
  place: { chainId: number; block: number; logIndex: number },
): Promise<Row> {
  const columns = await database.select<{ name: string; type: string }>(
    'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
    { table },
  );
  const seed = (place.block % 100) * 10 + place.logIndex;
  return {
    ...Object.fromEntries(columns.map(({ name, type }) => [name, madeUpValue(type, seed)])),
    chain_id: place.chainId,
    block_number: place.block,
    log_index: place.logIndex,
    sub_index: 0,
  };
}
