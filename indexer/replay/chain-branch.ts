import { createHash } from 'node:crypto';
import { CorruptDataError } from '../../schema/errors.ts';
import { ColumnTable, type InputRow, lowerBound } from './column-table.ts';
import { DictionaryIndex } from './dictionary-index.ts';
import { type CellInput, quantityNumber } from './value-bytes.ts';
import { BLOCK_COLUMNS, LOG_COLUMNS, TRANSACTION_COLUMNS } from './wire-columns.ts';

export interface BranchOptions {
  /** Name of the branch, and the seed of the hashes of blocks that are not listed. */
  readonly name: string;
  /** Highest block; grows with what is added. */
  readonly height?: number;
  /** Clock of blocks that have no listed neighbours to interpolate between, in seconds. */
  readonly blockTime?: number;
  readonly genesisTime?: number;
  /**
   * Whether a query for all headers also gets those of blocks nobody listed. Archives say no: what
   * was not recorded should not look as if it was, and a sparse one may span 100 million blocks.
   */
  readonly inventsHeaders?: boolean;
}

/** What a branch knows of the blocks below its fork that nobody listed there. */
interface SharedPast {
  /** The blocks below this one. */
  readonly end: number;
  /** Of the hashes of unlisted blocks. */
  readonly seed: string;
  /** Hash of block `end` − 1. */
  readonly lastHash: Buffer;
  /** The first listed block at or above `end` on the branch that was left: times lead up to it. */
  readonly next: ListedTime | null;
}

interface ListedTime {
  readonly number: number;
  readonly time: number;
}

/**
 * One branch of a chain: blocks, transactions and logs as columns, and a header chain without
 * holes. A block that nobody listed gets a header whose hash is the parent hash its listed
 * successor names, or else a hash of (branch, number), so that guards link over sparse data too.
 */
export class ChainBranch {
  readonly name: string;
  height: number;
  readonly blocks = new ColumnTable(BLOCK_COLUMNS);
  readonly transactions = new ColumnTable(TRANSACTION_COLUMNS);
  readonly logs = new ColumnTable(LOG_COLUMNS);
  /** Latin1 transaction hash → row. */
  readonly transactionRows = new Map<string, number>();
  readonly addresses = new DictionaryIndex(this.logs.bytes('address'));
  readonly topics0 = new DictionaryIndex(this.logs.bytes('topic0'));
  readonly inventsHeaders: boolean;
  private readonly listedRows = new Map<number, number>();
  /** The listed block numbers, ascending. */
  private readonly listedNumbers: number[] = [];
  private readonly inventedRows = new Map<number, number>();
  private readonly blockTime: number;
  private readonly genesisTime: number;
  /** One for each fork on the way here, ascending. */
  private past: readonly SharedPast[] = [];

  constructor(options: BranchOptions) {
    this.name = options.name;
    this.height = options.height ?? 0;
    this.blockTime = options.blockTime ?? 1;
    this.genesisTime = options.genesisTime ?? 1_600_000_000;
    this.inventsHeaders = options.inventsHeaders ?? true;
  }

  /** A branch that shares every block below `forkBlock` and differs from there on. */
  fork(name: string, forkBlock: number, height: number = this.height): ChainBranch {
    const { blockTime, genesisTime, inventsHeaders } = this;
    const branch = new ChainBranch({ name, height, blockTime, genesisTime, inventsHeaders });
    branch.past = [
      ...this.past.filter(({ end }) => end < forkBlock),
      {
        end: forkBlock,
        seed: this.seedOf(forkBlock - 1),
        lastHash: Buffer.from(this.hashOf(forkBlock - 1)),
        next: this.listedTimeFrom(forkBlock - 1, forkBlock),
      },
    ];
    this.copyBlocksTo(branch, forkBlock);
    branch.transactions.copyRows(this.transactions, 0, firstRowFrom(this.transactions, forkBlock));
    for (let row = 0; row < branch.transactions.rows; row++) branch.indexTransaction(row);
    branch.logs.copyRows(this.logs, 0, firstRowFrom(this.logs, forkBlock));
    return branch;
  }

  /** Blocks must come in order; hash, parent_hash and timestamp are derived when left out. */
  addBlock(row: InputRow): void {
    const number = Number(row['number']);
    const last = this.listedNumbers.at(-1);
    if (last !== undefined && last >= number) {
      throw new CorruptDataError('A block is out of order or there twice.', {
        facts: { row: this.listedNumbers.length, blockNumber: number, blockBefore: last },
      });
    }
    const id = this.blocks.push({
      ...row,
      parent_hash: row['parent_hash'] ?? this.hashOf(number - 1),
      hash: row['hash'] ?? this.hashOf(number),
      timestamp: row['timestamp'] ?? this.timeOf(number),
    });
    this.list(number, id);
    this.height = Math.max(this.height, number);
  }

  /** Transactions must come in block order; the sighash is taken from the input. */
  addTransaction(row: InputRow): void {
    const number = Number(row['block_number']);
    this.requireOrder('transaction', this.transactions, number);
    const id = this.transactions.push({
      ...row,
      block_hash: row['block_hash'] ?? this.hashOf(number),
      sighash: row['sighash'] === undefined ? sighashOf(row['input']) : row['sighash'],
    });
    this.indexTransaction(id);
    this.height = Math.max(this.height, number);
  }

  /** Logs must come in (block, log index) order. */
  addLog(row: InputRow): void {
    const number = Number(row['block_number']);
    this.requireOrder('log', this.logs, number);
    this.logs.push({ ...row, block_hash: row['block_hash'] ?? this.hashOf(number) });
    this.height = Math.max(this.height, number);
  }

  /** Appends a transaction of another branch to a block of this one. */
  copyTransaction(other: ChainBranch, row: number, block: number, index: number): void {
    const id = this.transactions.copyRows(other.transactions, row, row + 1);
    this.transactions.numbers('block_number').set(id, block);
    this.transactions.numbers('transaction_index').set(id, index);
    this.transactions.bytes('block_hash').set(id, this.hashOf(block));
    this.indexTransaction(id);
  }

  /** Appends a log of another branch to a block of this one. */
  copyLog(
    other: ChainBranch,
    row: number,
    place: { readonly block: number; readonly transactionIndex: number; readonly logIndex: number },
  ): void {
    const id = this.logs.copyRows(other.logs, row, row + 1);
    this.logs.numbers('block_number').set(id, place.block);
    this.logs.numbers('transaction_index').set(id, place.transactionIndex);
    this.logs.numbers('log_index').set(id, place.logIndex);
    this.logs.bytes('block_hash').set(id, this.hashOf(place.block));
  }

  isListed(number: number): boolean {
    return this.listedRows.has(number);
  }

  /**
   * Numbers of the blocks in [from, end) whose headers a query for all headers gets, at most `max`.
   * The last block is always among them: readers prove by it how far an answer reaches.
   */
  headerNumbers(from: number, end: number, max: number): number[] {
    if (this.inventsHeaders) {
      return Array.from({ length: Math.max(0, Math.min(end - from, max)) }, (_, i) => from + i);
    }
    const first = this.listedIndex(from);
    const last = Math.min(this.listedIndex(end), first + max);
    const numbers = this.listedNumbers.slice(first, last);
    if (numbers.length < max && numbers.at(-1) !== end - 1 && end > from) numbers.push(end - 1);
    return numbers;
  }

  hashOf(number: number): Buffer {
    if (number < 0) return Buffer.alloc(32);
    const own = this.headerCell(number, 'hash');
    if (own) return own;
    const shared = this.pastOf(number);
    if (shared?.end === number + 1) return shared.lastHash;
    const fromChild = this.headerCell(number + 1, 'parent_hash');
    if (fromChild) return fromChild;
    return createHash('sha256')
      .update(`${this.seedOf(number)}:${number}`)
      .digest();
  }

  parentHashOf(number: number): Buffer {
    return this.headerCell(number, 'parent_hash') ?? this.hashOf(number - 1);
  }

  /** Unix seconds; of a block nobody listed, on the line between its listed neighbours. */
  timeOf(number: number): number {
    const own = this.headerCell(number, 'timestamp');
    if (own) return quantityNumber(own);
    const index = this.listedIndex(number);
    const before = this.listedNumbers[index - 1];
    const after = this.listedTimeFrom(number, number);
    if (before === undefined) {
      if (after === null) return this.genesisTime + number * this.blockTime;
      return Math.max(0, after.time - (after.number - number) * this.blockTime);
    }
    const start = this.timeOf(before);
    if (after === null) return start + (number - before) * this.blockTime;
    const share = (number - before) / (after.number - before);
    return start + Math.floor((after.time - start) * share);
  }

  /** Row of a block's header in `blocks`, invented when nobody listed the block. */
  headerRow(number: number): number {
    const known = this.listedRows.get(number) ?? this.inventedRows.get(number);
    if (known !== undefined) return known;
    const row = this.blocks.push({
      number,
      hash: this.hashOf(number),
      parent_hash: this.parentHashOf(number),
      timestamp: this.timeOf(number),
      gas_limit: 30_000_000,
      size: 1000,
    });
    this.inventedRows.set(number, row);
    return row;
  }

  private list(number: number, row: number): void {
    this.listedRows.set(number, row);
    this.listedNumbers.push(number);
  }

  /** Index of the first listed block at or above `number`. */
  private listedIndex(number: number): number {
    return lowerBound(this.listedNumbers, this.listedNumbers.length, number);
  }

  private headerCell(number: number, column: 'hash' | 'parent_hash' | 'timestamp'): Buffer | null {
    const row = this.listedRows.get(number);
    return row === undefined ? null : this.blocks.bytes(column).at(row);
  }

  private seedOf(number: number): string {
    return this.pastOf(number)?.seed ?? this.name;
  }

  private pastOf(number: number): SharedPast | undefined {
    return this.past.find(({ end }) => number < end);
  }

  /** The first listed block at or above `from`, as the branch that block `number` came from has it. */
  private listedTimeFrom(number: number, from: number): ListedTime | null {
    const next = this.listedNumbers[this.listedIndex(from)];
    const shared = this.pastOf(number);
    if (shared && (next === undefined || next >= shared.end)) return shared.next;
    return next === undefined ? null : { number: next, time: this.timeOf(next) };
  }

  /** Copies the listed headers below `end`, runs of neighbouring rows at once. */
  private copyBlocksTo(branch: ChainBranch, end: number): void {
    const numbers = this.listedNumbers.slice(0, this.listedIndex(end));
    for (let at = 0; at < numbers.length; ) {
      const first = this.listedRow(numbers[at]);
      let length = 1;
      while (
        at + length < numbers.length &&
        this.listedRow(numbers[at + length]) === first + length
      )
        length++;
      const copied = branch.blocks.copyRows(this.blocks, first, first + length);
      for (let i = 0; i < length; i++) branch.list(numbers[at + i] ?? 0, copied + i);
      at += length;
    }
  }

  private listedRow(number: number | undefined): number {
    return this.listedRows.get(number ?? -1) ?? -1;
  }

  private indexTransaction(row: number): void {
    const key = this.transactions.bytes('hash').key(row);
    if (key !== null) this.transactionRows.set(key, row);
  }

  private requireOrder(what: string, table: ColumnTable, number: number): void {
    const last = table.rows === 0 ? null : table.numbers('block_number').at(table.rows - 1);
    if (last !== null && last > number) {
      throw new CorruptDataError(`A ${what} is out of order: blocks must not go backwards.`, {
        facts: { row: table.rows, blockNumber: number, blockBefore: last },
      });
    }
  }
}

/** First row of a table sorted by block whose block is at least `number`. */
export function firstRowFrom(table: ColumnTable, number: number): number {
  return lowerBound(table.numbers('block_number').values, table.rows, number);
}

function sighashOf(input: CellInput): CellInput {
  return typeof input === 'string' && input.length >= 10 ? input.slice(0, 10) : undefined;
}
