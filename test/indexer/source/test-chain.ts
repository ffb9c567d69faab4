import { createHash } from 'node:crypto';
import { ChainBranch } from '../../../indexer/replay/chain-branch.ts';
import type { ReplayChain } from '../../../indexer/replay/json-fixture.ts';
import { type ReplayOptions, ReplayServer } from '../../../indexer/replay/replay-server.ts';
import type { BackoffPolicy } from '../../../indexer/source/backoff.ts';

export const CHAIN_ID = 4242;
export const EMITTER = `0x${'ee'.repeat(20)}`;
export const TOPIC = `0x${'70'.repeat(32)}`;
export const HEIGHT = 100;
/** Blocks with logs, and how many. */
export const LOG_BLOCKS: ReadonlyMap<number, number> = new Map([
  [10, 2],
  [11, 1],
  [12, 3],
  [20, 2],
  [50, 5],
  [51, 5],
  [99, 2],
]);
export const LOG_COUNT = [...LOG_BLOCKS.values()].reduce((sum, count) => sum + count, 0);
export const GENESIS_TIME = 1_700_000_000;

/** Failures in tests are over quickly. */
export const QUICK_BACKOFF: BackoffPolicy = {
  budgetMillis: 3_000,
  baseMillis: 20,
  ceilingMillis: 100,
  rateLimitBudgetMillis: 10_000,
};

export const ALL_LOGS = [{ addresses: [EMITTER], topics: [[TOPIC]] }];

export const digest = (text: string) => `0x${createHash('sha256').update(text).digest('hex')}`;

export function addLogs(branch: ChainBranch, block: number, count: number): void {
  const transactionHash = digest(`${branch.name}-transaction-${block}`);
  branch.addTransaction({
    block_number: block,
    transaction_index: 0,
    hash: transactionHash,
    from: `0x${'f1'.repeat(20)}`,
    to: EMITTER,
    status: 1,
    gas_used: 21_000,
    effective_gas_price: 10n ** 25n,
  });
  for (let index = 0; index < count; index++) {
    branch.addLog({
      block_number: block,
      transaction_index: 0,
      transaction_hash: transactionHash,
      log_index: index,
      address: EMITTER,
      topic0: TOPIC,
      topic1: digest(`${block}-${index}`),
      data: `0x${'0d'.repeat(40)}`,
    });
  }
}

/** A chain of 101 blocks with logs in a few of them, and a branch `fork` that differs from 96 on. */
export function makeChain(): ReplayChain {
  const main = new ChainBranch({
    name: 'main',
    height: HEIGHT,
    blockTime: 2,
    genesisTime: GENESIS_TIME,
  });
  for (const [block, count] of LOG_BLOCKS) addLogs(main, block, count);
  const fork = main.fork('fork', 96, 103);
  addLogs(fork, 97, 1);
  addLogs(fork, 99, 1);
  return {
    chainId: CHAIN_ID,
    branches: new Map([
      ['main', main],
      ['fork', fork],
    ]),
  };
}

export async function startServer(
  options: Partial<ReplayOptions> = {},
  chain: ReplayChain = makeChain(),
): Promise<{ readonly server: ReplayServer; readonly url: string }> {
  const server = new ReplayServer(chain, options);
  return { server, url: await server.listen() };
}

/** [from, to) of every query seen so far. */
export function queriedRanges(server: ReplayServer): (readonly [number, number | null])[] {
  return server.requests.flatMap(({ query }) =>
    query ? [[query.from_block, query.to_block] as const] : [],
  );
}
