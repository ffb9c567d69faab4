import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { alternativeBranch } from '../../../indexer/replay/alternative-branch.ts';
import { loadArchive } from '../../../indexer/replay/archive.ts';
import type { ChainBranch } from '../../../indexer/replay/chain-branch.ts';
import { UsageError } from '../../../schema/errors.ts';
import { GENESIS_TIME, HEIGHT, LOG_COUNT, makeChain } from '../source/test-chain.ts';

const archive = (name: string) =>
  fileURLToPath(new URL(`../../../archives/${name}`, import.meta.url));
const hex = (bytes: Buffer | null) => bytes?.toString('hex') ?? '';

/** What a reader gets of a branch, as text that can be compared. */
function logsOf(branch: ChainBranch) {
  const { logs } = branch;
  return Array.from({ length: logs.rows }, (_, row) => ({
    block: logs.numbers('block_number').at(row) ?? -1,
    blockHash: hex(logs.bytes('block_hash').at(row)),
    transaction: hex(logs.bytes('transaction_hash').at(row)),
    transactionIndex: logs.numbers('transaction_index').at(row) ?? -1,
    logIndex: logs.numbers('log_index').at(row) ?? -1,
    content: `${hex(logs.bytes('address').at(row))} ${hex(logs.bytes('topic0').at(row))} ${hex(logs.bytes('data').at(row))}`,
  }));
}
const headersOf = (branch: ChainBranch, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const number = from + i;
    const row = branch.headerRow(number);
    return {
      hash: hex(branch.blocks.bytes('hash').at(row)),
      parent: hex(branch.blocks.bytes('parent_hash').at(row)),
      time: branch.timeOf(number),
    };
  });

let main: ChainBranch;
let other: ChainBranch;
const FORK = 2000;
beforeAll(async () => {
  ({ branch: main } = await loadArchive(archive('synthetix-v2-crash-2023-08-17')));
  other = alternativeBranch(main, {
    name: 'other',
    forkBlock: FORK,
    seed: 7,
    dropShare: 0.1,
    moveShare: 0.2,
  });
});

describe('an alternative branch of an archive', () => {
  it('shares every block below the fork and differs in each from there on', () => {
    const shared = headersOf(main, 1900, FORK - 1);
    expect(headersOf(other, 1900, FORK - 1)).toEqual(shared);
    const ours = headersOf(main, FORK, main.height);
    const theirs = headersOf(other, FORK, main.height);
    expect(theirs.filter(({ hash }, i) => hash === ours[i]?.hash)).toEqual([]);
    const below = (branch: ChainBranch) => logsOf(branch).filter(({ block }) => block < FORK);
    expect(below(other)).toEqual(below(main));
  });

  it('is one chain of headers without holes, in the order of time', () => {
    const headers = headersOf(other, 1, other.height);
    for (const [i, header] of headers.entries()) {
      const before = headers[i - 1];
      if (!before) continue;
      expect(header.parent).toBe(before.hash);
      expect(header.time).toBeGreaterThanOrEqual(before.time);
    }
    expect(other.headerNumbers(0, other.height + 1, 1e6)).toHaveLength(other.height + 1);
  });

  it('holds the same transactions in the same order, some later and some not at all', () => {
    const above = (branch: ChainBranch) => logsOf(branch).filter(({ block }) => block >= FORK);
    const before = above(main);
    const after = above(other);
    expect(after.length).toBeGreaterThan(before.length * 0.6);
    expect(after.length).toBeLessThan(before.length);
    const kept = new Set(after.map(({ transaction }) => transaction));
    const keptBefore = before.filter(({ transaction }) => kept.has(transaction));
    expect(after.map(({ content }) => content)).toEqual(keptBefore.map(({ content }) => content));
    const moves = after.map(({ block }, i) => block - (keptBefore[i]?.block ?? 0));
    expect(Math.min(...moves)).toBe(0);
    expect(Math.max(...moves)).toBeGreaterThan(0);
    expect(Math.max(...moves)).toBeLessThanOrEqual(3);
  });

  it('numbers logs and transactions once in each block, and names the new block hash', () => {
    const logs = logsOf(other);
    const places = logs.map(({ block, logIndex }) => `${block}:${logIndex}`);
    expect(new Set(places).size).toBe(places.length);
    const transactions = new Map<string, string>();
    for (const log of logs) {
      const place = `${log.block}:${log.transactionIndex}`;
      expect(transactions.get(place) ?? log.transaction).toBe(log.transaction);
      transactions.set(place, log.transaction);
      expect(log.blockHash).toBe(hex(other.hashOf(log.block)));
    }
    for (let row = 0; row < other.transactions.rows; row++) {
      const block = other.transactions.numbers('block_number').at(row);
      const index = other.transactions.numbers('transaction_index').at(row);
      const hash = hex(other.transactions.bytes('hash').at(row));
      expect(transactions.get(`${block}:${index}`) ?? hash).toBe(hash);
    }
  });

  it('is the same again for the same options, and another for another seed', () => {
    const again = (seed: number) =>
      alternativeBranch(main, { name: 'o', forkBlock: 2100, seed, moveShare: 0.5 });
    expect(logsOf(again(1))).toEqual(logsOf(again(1)));
    expect(headersOf(again(1), 2100, 2100)).not.toEqual(headersOf(again(2), 2100, 2100));
  });

  it('only loses its tail when it is shorter and nothing is dropped or moved', () => {
    const short = alternativeBranch(main, { name: 's', forkBlock: 2050, height: 2060 });
    expect(short.height).toBe(2060);
    const contents = (branch: ChainBranch) =>
      logsOf(branch)
        .filter(({ block }) => block <= 2060)
        .map(({ block, logIndex, content }) => ({ block, logIndex, content }));
    expect(contents(short)).toEqual(contents(main));
    expect(logsOf(short)).toHaveLength(contents(main).length);
  });

  it('of an alternative branch, deeper than its own fork, leaves nothing of it', () => {
    const deeper = alternativeBranch(other, { name: 'deeper', forkBlock: 1500 });
    expect(headersOf(deeper, 1400, 1499)).toEqual(headersOf(main, 1400, 1499));
    expect(headersOf(deeper, 2000, 2000)).not.toEqual(headersOf(other, 2000, 2000));
  });
});

describe('an alternative branch of a chain with unlisted blocks', () => {
  it('gives them below the fork the hashes and times they had', async () => {
    const { branch } = await loadArchive(archive('gmx-v2-arbitrum-recorded'));
    const listed = branch.headerNumbers(0, branch.height, 1e6);
    const fork = (listed.at(-1) ?? 0) - 1000;
    const first = alternativeBranch(branch, { name: 'a', forkBlock: fork, height: fork + 2000 });
    const second = alternativeBranch(first, { name: 'b', forkBlock: fork + 10 });
    for (const number of [fork - 1, fork - 2, fork - 500, fork - 100_000]) {
      for (const each of [first, second]) {
        expect(hex(each.hashOf(number))).toBe(hex(branch.hashOf(number)));
        expect(each.timeOf(number)).toBe(branch.timeOf(number));
      }
    }
    expect(hex(second.hashOf(fork + 9))).toBe(hex(first.hashOf(fork + 9)));
    expect(hex(second.hashOf(fork + 10))).not.toBe(hex(first.hashOf(fork + 10)));
    expect(hex(first.parentHashOf(fork))).toBe(hex(branch.hashOf(fork - 1)));
  });

  it('grows beyond the height it left by blocks without logs', () => {
    const { branches } = makeChain();
    const base = branches.get('main')!;
    const longer = alternativeBranch(base, { name: 'l', forkBlock: 40, height: HEIGHT + 20 });
    expect(longer.logs.rows).toBe(LOG_COUNT);
    expect(longer.timeOf(HEIGHT + 20)).toBe(GENESIS_TIME + 2 * (HEIGHT + 20) + 1);
  });

  it.each([
    ['before the chain', { forkBlock: 0 }],
    ['beyond the chain', { forkBlock: HEIGHT + 2 }],
    ['above its own height', { forkBlock: 50, height: 40 }],
    ['of too many blocks', { forkBlock: 50, height: 500_000 }],
  ])('refuses a fork %s', (_, options) => {
    const base = makeChain().branches.get('main')!;
    expect(() => alternativeBranch(base, { name: 'x', ...options })).toThrow(UsageError);
  });
});
