import { createHash } from 'node:crypto';
import { UsageError } from '../../schema/errors.ts';
import { type ChainBranch, firstRowFrom } from './chain-branch.ts';
import { seededRandom } from './seeded-random.ts';

export interface AlternativeOptions {
  /** Of the new branch; with the other options it makes the block hashes. */
  readonly name: string;
  /** First block that differs. */
  readonly forkBlock: number;
  /** Highest block; that of the branch it leaves when left out. */
  readonly height?: number | undefined;
  readonly seed?: number | undefined;
  /** Share of the transactions from the fork on that never happen, 0 to 1. */
  readonly dropShare?: number | undefined;
  /** Share of them that come one to three blocks later; those behind them wait, the order stays. */
  readonly moveShare?: number | undefined;
}

/** Every block from the fork on is listed. */
const MAX_NEW_BLOCKS = 100_000;
const MAX_DELAY_BLOCKS = 3;

/**
 * Another course of a chain, as after a reorg: it shares every block below `forkBlock` with `base`;
 * from there on every block has a header of its own (new hashes, times a second later), and holds the
 * transactions and logs of `base` in the same order, some of them later or not at all. Indexes stay
 * as they are where they can, and unique within a block. The same options make the same branch.
 * @throws UsageError when the fork lies outside the chain.
 */
export function alternativeBranch(base: ChainBranch, options: AlternativeOptions): ChainBranch {
  const { name, forkBlock } = options;
  const height = options.height ?? base.height;
  requirePlausible(base, forkBlock, height);
  const branch = base.fork(name, forkBlock, height);
  const settings = JSON.stringify([
    name,
    forkBlock,
    options.seed,
    options.dropShare,
    options.moveShare,
  ]);
  for (let number = forkBlock; number <= height; number++) {
    const parent = branch.hashOf(number - 1);
    const hash = createHash('sha256').update(parent).update(`${settings}:${number}`).digest();
    branch.addBlock({ number, hash, parent_hash: parent, timestamp: base.timeOf(number) + 1 });
  }
  branch.height = height;
  new Placement(base, branch).place(transactionsFrom(base, forkBlock), options, height);
  return branch;
}

interface OldTransaction {
  readonly block: number;
  readonly index: number;
  /** Null when only its logs were recorded. */
  row: number | null;
  readonly logRows: number[];
}

/** The transactions of `base` from a block on with their logs, in the order they happened. */
function transactionsFrom(base: ChainBranch, forkBlock: number): OldTransaction[] {
  const found = new Map<string, OldTransaction>();
  const at = (block: number, index: number): OldTransaction => {
    const key = `${block}:${index}`;
    const known = found.get(key) ?? { block, index, row: null, logRows: [] };
    found.set(key, known);
    return known;
  };
  for (const table of [base.transactions, base.logs]) {
    const blocks = table.numbers('block_number');
    const indexes = table.numbers('transaction_index');
    for (let row = firstRowFrom(table, forkBlock); row < table.rows; row++) {
      const transaction = at(blocks.at(row) ?? 0, indexes.at(row) ?? 0);
      if (table === base.logs) transaction.logRows.push(row);
      else transaction.row = row;
    }
  }
  return [...found.values()].sort((a, b) => a.block - b.block || a.index - b.index);
}

/** Copies transactions to their new blocks, with indexes that ascend within each. */
class Placement {
  private readonly base: ChainBranch;
  private readonly branch: ChainBranch;
  private block = -1;
  private transactionIndex = -1;
  private logIndex = -1;

  constructor(base: ChainBranch, branch: ChainBranch) {
    this.base = base;
    this.branch = branch;
  }

  place(
    transactions: readonly OldTransaction[],
    options: Pick<AlternativeOptions, 'seed' | 'dropShare' | 'moveShare'>,
    height: number,
  ): void {
    const random = seededRandom(options.seed ?? 0);
    let earliest = 0;
    for (const transaction of transactions) {
      const isDropped = random() < (options.dropShare ?? 0);
      const isMoved = random() < (options.moveShare ?? 0);
      const delay = 1 + Math.floor(random() * MAX_DELAY_BLOCKS);
      if (isDropped) continue;
      earliest = Math.max(earliest, transaction.block + (isMoved ? delay : 0));
      if (earliest > height) return;
      this.copy(transaction, earliest);
    }
  }

  private copy(transaction: OldTransaction, block: number): void {
    if (block !== this.block) {
      this.block = block;
      this.transactionIndex = -1;
      this.logIndex = -1;
    }
    const transactionIndex = Math.max(transaction.index, this.transactionIndex + 1);
    this.transactionIndex = transactionIndex;
    if (transaction.row !== null) {
      this.branch.copyTransaction(this.base, transaction.row, block, transactionIndex);
    }
    const oldIndexes = this.base.logs.numbers('log_index');
    for (const row of transaction.logRows) {
      this.logIndex = Math.max(oldIndexes.at(row) ?? 0, this.logIndex + 1);
      this.branch.copyLog(this.base, row, { block, transactionIndex, logIndex: this.logIndex });
    }
  }
}

function requirePlausible(base: ChainBranch, forkBlock: number, height: number): void {
  const facts = { forkBlock, height, heightOfBase: base.height };
  if (forkBlock < 1 || forkBlock > base.height + 1 || height < forkBlock - 1) {
    throw new UsageError(
      'A fork begins within the chain and does not end before its first block.',
      {
        facts,
      },
    );
  }
  if (height - forkBlock >= MAX_NEW_BLOCKS) {
    throw new UsageError('A fork cannot be that long.', {
      facts: { ...facts, longest: MAX_NEW_BLOCKS },
    });
  }
}
