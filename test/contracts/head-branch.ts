import { createHash } from 'node:crypto';
import type { HeadRange } from '../../indexer/source/log-source.ts';

const hex = (text: string, bytes = 32): string =>
  `0x${createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2)}`;

/** Hash of a made-up block: blocks below `forkAt` are those of branch 'a'. */
export function hashOf(block: number, branch = 'a', forkAt = 0): string {
  return hex(`block ${block} ${block < forkAt ? 'a' : branch}`);
}

/** Made-up blocks at the head: those with even numbers have a transaction with two logs. */
export function headRange(
  fromBlock: number,
  toBlock: number,
  { branch = 'a', forkAt = 0, keepsAllHeaders = false } = {},
): HeadRange {
  const numbers = Array.from({ length: toBlock - fromBlock + 1 }, (_, i) => fromBlock + i);
  const busy = numbers.filter((number) => number % 2 === 0);
  const transactionOf = (number: number) => hex(`transaction ${hashOf(number, branch, forkAt)}`);
  const headers = numbers.map((number) => ({
    number,
    hash: hashOf(number, branch, forkAt),
    parentHash: hashOf(number - 1, branch, forkAt),
    timestamp: 1_700_000_000 + number,
  }));
  return {
    fromBlock,
    toBlock,
    lastBlockHash: hashOf(toBlock, branch, forkAt),
    lastBlockTimestamp: 1_700_000_000 + toBlock,
    keepsAllHeaders,
    headers,
    logs: busy.flatMap((number) =>
      [0, 1].map((logIndex) => ({
        blockNumber: number,
        blockHash: hashOf(number, branch, forkAt),
        logIndex,
        transactionIndex: 3,
        transactionHash: transactionOf(number),
        address: hex('contract', 20),
        topics: [hex('topic'), hashOf(number, branch, forkAt)].slice(logIndex),
        data: logIndex === 0 ? `0x${'00ff'.repeat(number % 100)}` : '0x',
      })),
    ),
    transactions: busy.map((number) => ({
      blockNumber: number,
      transactionIndex: 3,
      hash: transactionOf(number),
      from: hex('sender', 20),
      to: number % 4 === 0 ? null : hex('contract', 20),
      status: number % 4 === 0 ? null : 1,
      gasUsed: BigInt(number) * 10n ** 9n,
      effectiveGasPrice: number === 2 ? 0n : 2n ** 255n,
    })),
  };
}
