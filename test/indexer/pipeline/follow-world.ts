import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ChainMonitor } from '../../../indexer/pipeline/chain-monitor.ts';
import { type ChainPlan, planArchive } from '../../../indexer/pipeline/chain-plan.ts';
import type { Rollback } from '../../../indexer/pipeline/follow-chain.ts';
import { type ChainRunRequest, runChain } from '../../../indexer/pipeline/run-chain.ts';
import {
  type ChainOutcome,
  type Patience,
  superviseChain,
} from '../../../indexer/pipeline/supervise.ts';
import {
  type AlternativeOptions,
  alternativeBranch,
} from '../../../indexer/replay/alternative-branch.ts';
import { loadArchive } from '../../../indexer/replay/archive.ts';
import type { ChainBranch } from '../../../indexer/replay/chain-branch.ts';
import type { QueryBody } from '../../../indexer/replay/query-body.ts';
import { type ReplayOptions, ReplayServer } from '../../../indexer/replay/replay-server.ts';
import type { BackoffPolicy } from '../../../indexer/source/backoff.ts';
import { HeadReader } from '../../../indexer/source/head-reader.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import { HypersyncSource } from '../../../indexer/source/hypersync-source.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import {
  DERIVED_TABLES,
  EVIDENCE_TABLES,
  type EventStore,
} from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

/** Failures are over quickly, and so is patience. */
export const QUICK: BackoffPolicy = {
  budgetMillis: 400,
  baseMillis: 10,
  ceilingMillis: 50,
  rateLimitBudgetMillis: 2_000,
};
const QUICK_PATIENCE: Patience = { baseMillis: 20, ceilingMillis: 100, drainMillis: 500 };

export type Digests = Readonly<Record<string, string>>;

/** A chain cut out of an archive, served with whatever branches a test makes. */
export class FollowedChain {
  readonly plan: ChainPlan;
  readonly main: ChainBranch;
  readonly server: HookedServer;
  readonly url: string;

  private constructor(plan: ChainPlan, main: ChainBranch, server: HookedServer, url: string) {
    this.plan = plan;
    this.main = main;
    this.server = server;
    this.url = url;
  }

  static async serve(
    archive: string,
    height: number,
    more: Partial<ReplayOptions> & { readonly chainId?: number } = {},
  ): Promise<FollowedChain> {
    const { manifest, branch } = await loadArchive(`archives/${archive}`);
    const { chainId = manifest.chainId, ...options } = more;
    const branches = new Map([['main', branch]]);
    const server = new HookedServer({ chainId, branches }, options);
    server.setHeight(height);
    const plan = planArchive({ ...manifest, chainId });
    return new FollowedChain(plan, branch, server, await server.listen());
  }

  /** Adds a branch that leaves the main one (or another) and holds its logs at other places. */
  fork(name: string, forkBlock: number, height: number, more: Partial<AlternativeOptions> = {}) {
    const options = { name, forkBlock, height, seed: 7, dropShare: 0.2, moveShare: 0.3, ...more };
    this.server.branches.set(name, alternativeBranch(this.main, options));
  }

  /** Last block and its hash, as they are served now. */
  tip(): { block: number; hash: string } {
    const block = this.server.archiveHeight;
    return { block, hash: `0x${this.server.branch.hashOf(block).toString('hex')}` };
  }
}

/** Lets a test act just before a query is answered. */
export class HookedServer extends ReplayServer {
  beforeAnswer: (query: QueryBody) => void = () => {};

  override run(query: QueryBody) {
    this.beforeAnswer(query);
    return super.run(query);
  }
}

export interface RunOptions
  extends Partial<
    Pick<
      ChainRunRequest,
      'finalityDepth' | 'confirmations' | 'toBlock' | 'bulkBlocks' | 'follow' | 'onHeight'
    >
  > {
  readonly includeAllBlocks?: boolean;
  readonly signal?: AbortSignal;
}

/** One embedded folder for all stores of a test file: making a store costs more than emptying one. */
export class StoreFolder {
  readonly #folder = temporaryFolder('follow');
  readonly #open = new Map<string, Database>();
  #count = 0;

  /** An empty store; the same name empties the store of that name again. */
  async open(name: string): Promise<{ store: EventStore; database: Database }> {
    const known = this.#open.get(name);
    const database =
      known ?? (await openDatabase({ dataDir: this.#folder.path, database: `store_${name}` }));
    if (known) {
      const tables = await database.select<{ name: string }>(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations'",
      );
      for (const table of tables) await database.command(`TRUNCATE TABLE ${table.name} SYNC`);
    } else {
      this.#open.set(name, database);
      await migrate(database);
    }
    return { store: createClickHouseStore(database), database };
  }

  /** Where a chain's ranges wait. */
  workDirectory(): string {
    const path = join(this.#folder.path, `landing-${++this.#count}`);
    mkdirSync(path);
    return path;
  }

  async close(): Promise<void> {
    for (const database of this.#open.values()) await database.close();
    this.#folder.remove();
  }
}

export function requestFor(
  chain: FollowedChain,
  store: EventStore,
  workDirectory: string,
  options: RunOptions = {},
): ChainRunRequest {
  const { includeAllBlocks = true, ...rest } = options;
  const endpoint = {
    url: chain.url,
    token: 'a-token',
    expectedChainId: chain.plan.source.chainId,
    backoff: QUICK,
    requestTimeoutMillis: 1_000,
  };
  return {
    plan: chain.plan,
    source: new HypersyncSource({ ...endpoint, includeAllBlocks, workDirectory }),
    head: new HeadReader(new HypersyncEndpoint(endpoint), includeAllBlocks),
    store,
    fromBlock: chain.plan.firstBlock,
    toBlock: Number.POSITIVE_INFINITY,
    finalityDepth: 60,
    confirmations: 0,
    pollMillis: 10,
    follow: true,
    bulkBlocks: 100,
    signal: new AbortController().signal,
    ...rest,
  };
}

/** A follower at work, under supervision. */
export class Following {
  readonly rollbacks: Rollback[] = [];
  readonly notes: string[] = [];
  readonly monitor: ChainMonitor;
  readonly outcome: Promise<ChainOutcome>;
  readonly #chain: FollowedChain;
  readonly #store: EventStore;
  readonly #controller = new AbortController();
  #ended: ChainOutcome | null = null;

  constructor(
    chain: FollowedChain,
    store: EventStore,
    workDirectory: string,
    options: RunOptions & { readonly patience?: Patience } = {},
  ) {
    const { patience = QUICK_PATIENCE, ...runOptions } = options;
    this.#chain = chain;
    this.#store = store;
    const { signal } = this.#controller;
    const request = requestFor(chain, store, workDirectory, { ...runOptions, signal });
    const { chainId } = chain.plan.source;
    this.monitor = new ChainMonitor(store, {
      chainId,
      safeDepth: 10,
      finalityDepth: request.finalityDepth,
    });
    let stored = 0;
    const outcome = superviseChain({
      run: () =>
        runChain({
          ...request,
          onHeight: (height) => {
            this.monitor.sawHeight(height);
            options.onHeight?.(height);
          },
          onProgress: () => {
            stored += 1;
          },
          onRepaired: (text) => this.notes.push(text),
          onRolledBack: (rollback) => this.rollbacks.push(rollback),
          onCaughtUp: () => this.monitor.works('FOLLOWING'),
        }),
      progress: () => stored,
      monitor: this.monitor,
      follow: request.follow,
      signal,
      note: (text) => this.notes.push(text),
      patience,
    });
    this.outcome = outcome.then((ended) => {
      this.#ended = ended;
      return ended;
    });
  }

  /** Resolves once the store ends with the last block served now. */
  async atTip(): Promise<void> {
    await this.until(async () => {
      const last = await this.#store.lastCommit(this.#chain.plan.source.chainId, 'project');
      const { block, hash } = this.#chain.tip();
      return last?.toBlock === block && last.lastBlockHash === hash;
    });
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + 60_000; ; ) {
      if (await holds()) return;
      if (this.#ended?.kind === 'failed') throw this.#ended.error;
      if (this.#ended || performance.now() > end) {
        throw new Error(`the follower does not get there: ${this.notes.slice(-3).join(' | ')}`);
      }
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  async stop(): Promise<ChainOutcome> {
    this.#controller.abort(new Error('stop'));
    return this.outcome;
  }
}

/** Every table that a reader sees, of one chain. */
export async function digestsOf(store: EventStore, chainId: number): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
    const { rows, digest } = await store.digest(table, chainId);
    digests[table] = `${rows} ${digest}`;
  }
  return digests;
}
