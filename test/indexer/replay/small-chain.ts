import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import hypersync, { type ClientConfig, type Log, type Query } from '@envio-dev/hypersync-client';
import { type ReplayOptions, ReplayServer } from '../../../indexer/replay/replay-server.ts';

hypersync.setLogLevel('off');

export interface FixtureLog {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

interface FixtureBranch {
  readonly blocks: readonly { readonly number: number; readonly hash: string }[];
  readonly transactions: readonly { readonly hash: string }[];
  readonly logs: readonly FixtureLog[];
}

export const FIXTURE_PATH = fileURLToPath(
  new URL('../../fixtures/replay/small-chain.json', import.meta.url),
);
export const fixture = JSON.parse(readFileSync(FIXTURE_PATH, 'utf8')) as FixtureBranch & {
  readonly branches: readonly [FixtureBranch];
};

export const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
export const QUERY_PATH = '/query/arrow-ipc';
export const ALL_LOG_FIELDS = [
  'Removed',
  'LogIndex',
  'TransactionIndex',
  'TransactionHash',
  'BlockHash',
  'BlockNumber',
  'Address',
  'Data',
  'Topic0',
  'Topic1',
  'Topic2',
  'Topic3',
] as const;

export const word = (value: number | bigint) => `0x${value.toString(16).padStart(64, '0')}`;
export const address = (value: number) => `0x${value.toString(16).padStart(40, '0')}`;

/** Serves the small chain (blocks 100 to 160, branch "fork" from 151). */
export async function startSmallChain(options: Partial<ReplayOptions> = {}) {
  const server = await ReplayServer.fromJsonFixture(FIXTURE_PATH, options);
  const url = await server.listen();
  return { server, url };
}

/** The real client, with retries quick enough for tests. */
export function connect(url: string, config: Partial<ClientConfig> = {}) {
  return new hypersync.HypersyncClient({
    url,
    apiToken: '00000000-0000-0000-0000-000000000000',
    maxNumRetries: 1,
    retryBaseMs: 10,
    retryBackoffMs: 10,
    retryCeilingMs: 20,
    ...config,
  });
}

/** Every log from block 0 on, all fields. */
export function allLogs(changes: Partial<Query> = {}): Query {
  return { fromBlock: 0, logs: [{}], fieldSelection: { log: [...ALL_LOG_FIELDS] }, ...changes };
}

/** What a client's log and a fixture's log have in common. */
export const essence = (log: Log) => ({
  block: log.blockNumber,
  index: log.logIndex,
  address: log.address,
  data: log.data,
  topics: log.topics,
});

export const fixtureEssence = (test: (log: FixtureLog) => boolean = () => true) =>
  fixture.logs.filter(test).map((log) => ({
    block: log.blockNumber,
    index: log.logIndex,
    address: log.address,
    data: log.data,
    topics: [0, 1, 2, 3].map((position) => log.topics[position] ?? null),
  }));

interface Received<Item> {
  recv(): Promise<Item | null>;
  close(): Promise<void>;
}

/** Everything a stream delivers until it ends. */
export async function drain<Item>(stream: Received<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for (let item = await stream.recv(); item !== null; item = await stream.recv()) items.push(item);
  await stream.close();
  return items;
}

/** [from_block, to_block] of every query the server has seen. */
export function queriedRanges(server: ReplayServer): (readonly [number, number | null])[] {
  return server.requests.flatMap(({ query }) =>
    query ? [[query.from_block, query.to_block] as const] : [],
  );
}
