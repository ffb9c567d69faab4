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
  private parent: ChainBranch | null = null;
  private forkBlock = 0;

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
    branch.parent = this;
    branch.forkBlock = forkBlock;
    for (const [number, row] of this.listedRows) {
      if (number < forkBlock) branch.list(number, branch.blocks.copyRow(this.blocks, row));
    }
    const transactionBlocks = this.transactions.numbers('block_number');
    for (let row = 0; row < this.transactions.rows; row++) {
      if ((transactionBlocks.at(row) ?? 0) >= forkBlock) continue;
      branch.indexTransaction(branch.transactions.copyRow(this.transactions, row));
    }
    const logBlocks = this.logs.numbers('block_number');
    for (let row = 0; row < this.logs.rows; row++) {
      if ((logBlocks.at(row) ?? 0) < forkBlock) branch.logs.copyRow(this.logs, row);
    }
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
    const after = this.listedNumbers[index];
    if (before === undefined) {
      if (after === undefined) return this.genesisTime + number * this.blockTime;
      return Math.max(0, this.timeOf(after) - (after - number) * this.blockTime);
    }
    if (after === undefined) return this.timeOf(before) + (number - before) * this.blockTime;
    const start = this.timeOf(before);
    const share = (number - before) / (after - before);
    return start + Math.floor((this.timeOf(after) - start) * share);
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
    return this.parent && number < this.forkBlock ? this.parent.seedOf(number) : this.name;
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

function sighashOf(input: CellInput): CellInput {
  return typeof input === 'string' && input.length >= 10 ? input.slice(0, 10) : undefined;
}
