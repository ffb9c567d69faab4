import { CorruptDataError } from '../../schema/errors.ts';
import { type ByteWidth, columnOf, requireNoNulls, requireWidth } from './column-reading.ts';
import type { CollectedFiles, TableFile } from './parquet-inspection.ts';
import type { CountedRange } from './range-count.ts';
import { RowPlaces } from './row-places.ts';

const OTHER_ENDPOINT = 'Try another endpoint of this chain.';

const hash: ByteWidth = { least: 32, most: 32 };
const address: ByteWidth = { least: 20, most: 20 };
const topic: ByteWidth = { ...hash, optional: true };
const quantity: ByteWidth = { least: 1, most: 32 };

/** Of the columns that nothing else looks at: the client writes down whatever it is sent. */
const WIDTHS: Readonly<
  Record<'logs' | 'transactions' | 'blocks', Readonly<Record<string, ByteWidth>>>
> = {
  logs: {
    transaction_hash: hash,
    address,
    topic0: topic,
    topic1: topic,
    topic2: topic,
    topic3: topic,
  },
  transactions: {
    hash,
    from: { ...address, optional: true },
    to: { ...address, optional: true },
    gas_used: quantity,
    effective_gas_price: quantity,
  },
  blocks: { timestamp: { least: 1, most: 8 } },
};

/** First and last block, inclusive. */
export interface BlockSpan {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/**
 * Compares fetched files with what was counted, and with themselves: each row once, in a block of the
 * range, with a header of the hash it names, headers linked to their neighbours. Returns the last
 * block up to which nothing is missing: the client's bulk call ends early, in silence, when one of its
 * requests fails. Without a count that is the highest block with a header, as far as anyone can tell.
 * @throws CorruptDataError when the files contradict the count or themselves.
 */
export async function auditRange(
  files: CollectedFiles,
  asked: BlockSpan,
  counted: CountedRange | null,
): Promise<number> {
  const reached = files.blocks ? files.blocks.lastBlock : asked.fromBlock - 1;
  const tables = {
    logs: await placesOf('log', files.logs, 'block_number', 'log_index', asked),
    transactions: await placesOf(
      'transaction',
      files.transactions,
      'block_number',
      'transaction_index',
      asked,
    ),
    blocks: await placesOf('block', files.blocks, 'number', null, asked),
  };
  for (const name of ['logs', 'transactions', 'blocks'] as const) {
    requireHeaders(name, tables[name], reached);
    for (const [column, width] of Object.entries(WIDTHS[name])) {
      const file = files[name];
      if (file) await requireWidth(file, column, width);
    }
    if (counted) requireSame(name, tables[name], counted[name], reached);
  }
  if (files.logs) await requireNoNulls(files.logs, 'data');
  if (files.blocks) {
    const hashes = await requireLinkedHeaders(files.blocks);
    if (files.logs) await requireKnownHashes(files.logs, hashes);
  }
  return counted ? lastWholeBlock(counted, reached) : reached;
}

function requireHeaders(table: string, fetched: RowPlaces, reached: number): void {
  const beyond = fetched.firstBlockAbove(reached);
  if (beyond === null) return;
  throw new CorruptDataError(`HyperSync sent ${table} without the header of their block.`, {
    facts: { block: beyond },
    remedy: OTHER_ENDPOINT,
  });
}

/** @throws CorruptDataError when two answers do not have the same rows up to a block. */
export function requireSame(
  table: string,
  fetched: RowPlaces,
  expected: RowPlaces,
  reached: number,
): void {
  const block = fetched.firstDifference(expected, reached);
  if (block === null) return;
  throw new CorruptDataError('Two answers of the HyperSync endpoint differ.', {
    facts: {
      about: `${table} from block ${block} to ${reached}`,
      one: fetched.countTo(reached) - fetched.countTo(block - 1),
      other: expected.countTo(reached) - expected.countTo(block - 1),
    },
    remedy: OTHER_ENDPOINT,
  });
}

/** The last block before the first one that was counted and did not come. */
function lastWholeBlock(counted: CountedRange, reached: number): number {
  const missing = [counted.logs, counted.transactions, counted.blocks].map(
    (places) => places.firstBlockAbove(reached) ?? counted.toBlock + 1,
  );
  return Math.min(...missing) - 1;
}

async function placesOf(
  what: string,
  table: TableFile | null,
  blockColumn: string,
  indexColumn: string | null,
  asked: BlockSpan,
): Promise<RowPlaces> {
  if (!table) return RowPlaces.of(what, asked, [], null);
  const blocks = await columnOf(table, blockColumn);
  const indexes = indexColumn === null ? null : await columnOf(table, indexColumn);
  return RowPlaces.of(what, asked, blocks, indexes);
}

/** Hash by block. @throws CorruptDataError when a header does not link to the one below it. */
async function requireLinkedHeaders(blocks: TableFile): Promise<ReadonlyMap<number, Uint8Array>> {
  const numbers = await columnOf(blocks, 'number');
  const hashes = await columnOf(blocks, 'hash');
  const parents = await columnOf(blocks, 'parent_hash');
  const hashOf = new Map<number, Uint8Array>();
  for (let row = 0; row < numbers.length; row++) {
    hashOf.set(Number(numbers[row]), requireHash(hashes[row]));
  }
  for (let row = 0; row < numbers.length; row++) {
    const number = Number(numbers[row]);
    const below = hashOf.get(number - 1);
    if (below && Buffer.compare(below, requireHash(parents[row])) !== 0) {
      throw new CorruptDataError('HyperSync sent a block that does not link to the one below it.', {
        facts: { block: number },
        remedy: OTHER_ENDPOINT,
      });
    }
  }
  return hashOf;
}

/** @throws CorruptDataError when a log names another block hash than the header of its block. */
async function requireKnownHashes(
  logs: TableFile,
  hashOf: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  const blocks = await columnOf(logs, 'block_number');
  const hashes = await columnOf(logs, 'block_hash');
  for (let row = 0; row < blocks.length; row++) {
    const number = Number(blocks[row]);
    const known = hashOf.get(number);
    if (known && Buffer.compare(known, requireHash(hashes[row])) === 0) continue;
    throw new CorruptDataError(
      known
        ? 'HyperSync sent a log of another block than the header it sent.'
        : 'HyperSync sent logs without the header of their block.',
      { facts: { block: number }, remedy: OTHER_ENDPOINT },
    );
  }
}

function requireHash(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  throw new CorruptDataError('HyperSync sent a block hash that is none.', {
    remedy: OTHER_ENDPOINT,
  });
}
