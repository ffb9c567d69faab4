import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryBindAsync } from 'chdb';
import {
  ARCHIVE_COLUMNS,
  ARCHIVE_FILES,
  type ArchiveTable,
} from '../../../indexer/replay/archive-columns.ts';
import { address, word } from './small-chain.ts';

export type Row = Readonly<Record<string, unknown>>;

export const MANIFEST = {
  name: 'tiny',
  chainId: 7,
  chain: 'local-tiny',
  fromBlock: 10,
  toBlock: 20,
  description: 'Three blocks',
  provenance: 'made by a test',
  synthetic: true,
  protocols: {},
};

/** Blocks 10, 11 and 20 (parents of the last not recorded), a transaction and two logs in 11. */
export const BLOCKS: readonly Row[] = [
  { number: 10, hash: word(0xa), parent_hash: word(0x9), timestamp: '0x64' },
  { number: 11, hash: word(0xb), parent_hash: word(0xa), timestamp: '0x66' },
  { number: 20, hash: word(0x14), parent_hash: null, timestamp: '0x78' },
];
export const TRANSACTIONS: readonly Row[] = [
  {
    block_number: 11,
    transaction_index: 0,
    hash: word(0x77),
    from: address(1),
    to: null,
    status: 1,
    gas_used: '0x5208',
    effective_gas_price: '0x0',
  },
];
const log = (index: number): Row => ({
  block_number: 11,
  block_hash: word(0xb),
  transaction_hash: word(0x77),
  transaction_index: 0,
  log_index: index,
  address: address(2),
  topic0: word(1),
  topic1: null,
  topic2: null,
  topic3: null,
  data: '0x',
  removed: false,
});
export const LOGS: readonly Row[] = [log(0), log(5)];

/** Writes rows as they are: in the given order, with exactly the given columns. */
export async function writeParquet(
  directory: string,
  table: ArchiveTable,
  rows: readonly Row[],
  columns: Readonly<Record<string, string>> = ARCHIVE_COLUMNS[table],
): Promise<void> {
  const target = join(directory, ARCHIVE_FILES[table]);
  const source = join(directory, `${table}.ndjson`);
  const structure = Object.entries(columns)
    .map(([name, type]) => `\`${name}\` ${type}`)
    .join(', ');
  await rm(target, { force: true });
  await writeFile(source, rows.map((row) => JSON.stringify(row)).join('\n'));
  await queryBindAsync(
    `INSERT INTO FUNCTION file({target:String}, 'Parquet', {structure:String})
     SELECT * FROM file({source:String}, 'JSONEachRow', {structure:String})
     SETTINGS max_threads = 1, input_format_parallel_parsing = 0, input_format_skip_unknown_fields = 1`,
    { target, source, structure },
  );
  await rm(source);
}

/** A whole, good archive in a temporary folder; tests then spoil one thing of it. */
export async function makeTinyArchive(manifest: object = MANIFEST): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tiny-archive-'));
  await writeFile(join(directory, 'archive.json'), JSON.stringify(manifest));
  await writeParquet(directory, 'blocks', BLOCKS);
  await writeParquet(directory, 'transactions', TRANSACTIONS);
  await writeParquet(directory, 'logs', LOGS);
  return directory;
}
