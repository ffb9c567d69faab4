import { readFileSync } from 'node:fs';
import type { Database, QueryParameters } from '../../schema/clickhouse/database.ts';
import { splitStatements } from '../../schema/clickhouse/split-statements.ts';
import { writeChainFacts } from './chain-facts.ts';
import {
  CHAIN_ID,
  DOLLAR,
  FEEDS,
  type GeneratedFeed,
  type GeneratedMarket,
  MARKETS,
  type Size,
  seedWord,
  sizeOf,
  YEAR_SECONDS,
} from './shape.ts';

/** Beside others on one machine: a statement holds less than 4 GB, and spills before. */
const LIMITS = `SETTINGS max_threads = 4, max_insert_threads = 2, max_memory_usage = 4000000000,
  max_bytes_before_external_sort = 1200000000, max_bytes_before_external_group_by = 1200000000,
  min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 400000000, max_block_size = 16384`;

export interface GeneratedStoreOptions {
  readonly database: Database;
  readonly seed: number;
  /** 1: 100 million oracle updates; from 0.001. */
  readonly scale: number;
  readonly onStep?: (step: string, seconds: number, cpuSeconds: number) => void;
  /** Fewer markets and feeds, for tests; a store for measuring has all. */
  readonly only?:
    | { readonly markets: readonly GeneratedMarket[]; readonly feeds: readonly GeneratedFeed[] }
    | undefined;
  /** Ends before this step; a later run goes on with it. */
  readonly before?: string | undefined;
}

/**
 * Fills a migrated store that holds nothing else. The same seed and scale give the same rows. A run that was ended
 * goes on behind its last whole step, if it is called with the same seed and scale; else all is made anew.
 * @throws RangeError below a scale of 0.001: then a block would be longer than an hour.
 */
export async function generateStore(options: GeneratedStoreOptions): Promise<void> {
  if (!(options.scale >= 0.001)) throw new RangeError(`scale ${options.scale} is below 0.001`);
  const work = new Workshop(options);
  await work.open();
  for (const { name, tables, make } of stepsOf(options.database, work)) {
    if (name === options.before) return;
    await work.step(name, tables, make);
  }
  await work.close();
}

interface Step {
  readonly name: string;
  /** What it fills: emptied first of what a run that was ended left there. */
  readonly tables: readonly string[];
  readonly make: () => Promise<void>;
}

function stepsOf(database: Database, work: Workshop): Step[] {
  return [
    { name: 'prices', tables: ['workshop.hours', 'workshop.paths'], make: () => work.drawPrices() },
    { name: 'blocks', tables: ['blocks'], make: () => work.run('blocks', {}) },
    { name: 'oracle-updates', tables: ['oracle_updates'], make: () => work.postPrices() },
    {
      name: 'lives',
      tables: ['workshop.lives'],
      make: () => work.run('lives', work.livesParameters()),
    },
    { name: 'events', tables: ['workshop.events', 'workshop.placed'], make: () => work.liveOut() },
    ...MARKET_STATEMENTS.map((name) => ({
      name,
      tables: [name.replaceAll('-', '_')],
      make: () => work.ofEachMarket(name),
    })),
    { name: 'oracle-hours', tables: ['oracle_hours'], make: () => work.countHours() },
    {
      name: 'history',
      tables: ['market_events', 'parameter_changes', 'commits', 'sources'],
      make: () => writeChainFacts(database, work),
    },
  ];
}

/** Statements that are asked once a market. */
const MARKET_STATEMENTS = [
  'position-events',
  'position-states',
  'liquidations',
  'open-interest',
  'market-states',
  'liquidation-levels',
  'margin-spreads',
] as const;

/** Reads `<name>.sql` beside this module, with the shared expressions in their places. */
function statement(name: string): string {
  const read = (file: string) => readFileSync(new URL(`./${file}.sql`, import.meta.url), 'utf8');
  return read(name)
    .replace('/* shape */', read('shape').trim())
    .replace('/* amounts */', read('amounts').trim());
}

class Workshop {
  readonly seed: number;
  readonly scale: number;
  readonly size: Size;
  readonly #database: Database;
  readonly #onStep: GeneratedStoreOptions['onStep'];
  readonly #markets: readonly GeneratedMarket[];
  readonly #feeds: readonly GeneratedFeed[];

  constructor({ database, seed, scale, onStep, only }: GeneratedStoreOptions) {
    this.#markets = only?.markets ?? MARKETS;
    this.#feeds = only?.feeds ?? FEEDS;
    this.#database = database;
    this.#onStep = onStep;
    this.seed = seed;
    this.scale = scale;
    this.size = sizeOf(scale);
  }

  /** Does what no earlier run has done. */
  async step(name: string, tables: readonly string[], work: () => Promise<void>): Promise<void> {
    const done = await this.#database.select(
      'SELECT 1 FROM workshop.steps WHERE step = {name:String}',
      {
        name,
      },
    );
    if (done.length > 0) return;
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    for (const table of tables) await this.#database.command(`TRUNCATE TABLE ${table}`);
    await work();
    const seconds = (performance.now() - startedAt) / 1000;
    await this.#database.command(
      'INSERT INTO workshop.steps SELECT {name:String}, {seconds:Float64}, {seed:UInt32}, {scale:Float64}',
      { name, seconds, seed: this.seed, scale: this.scale },
    );
    const { user, system } = process.cpuUsage(cpuBefore);
    this.#onStep?.(name, seconds, (user + system) / 1e6);
  }

  async run(name: string, parameters: QueryParameters): Promise<void> {
    await this.#database.command(`${statement(name)}\n${LIMITS}`, {
      seed: seedWord(this.seed, 'rows'),
      blocks: this.size.blocks,
      stepSeconds: this.size.stepSeconds,
      chainId: CHAIN_ID,
      ...parameters,
    });
  }

  async open(): Promise<void> {
    if (await this.#isMine()) return;
    for (const each of splitStatements(statement('workshop'))) await this.#database.command(each);
    await this.#database.command(
      "INSERT INTO workshop.steps SELECT 'begun', 0, {seed:UInt32}, {scale:Float64}",
      { seed: this.seed, scale: this.scale },
    );
  }

  async #isMine(): Promise<boolean> {
    const tables = await this.#database.select(
      "SELECT 1 FROM system.tables WHERE database = 'workshop' AND name = 'steps'",
    );
    if (tables.length === 0) return false;
    const rows = await this.#database.select(
      "SELECT 1 FROM workshop.steps WHERE step = 'begun' AND seed = {seed:UInt32} AND scale = {scale:Float64}",
      { seed: this.seed, scale: this.scale },
    );
    return rows.length > 0;
  }

  async drawPrices(): Promise<void> {
    await this.run('hours', {});
    const paths = [...this.#markets, { index: DOLLAR.index, firstPrice: 1, annualVolatility: 0 }];
    for (const { index, firstPrice, annualVolatility } of paths) {
      await this.run('paths', { token: index, firstPrice, annualVolatility });
    }
  }

  async postPrices(): Promise<void> {
    const weight = await this.#postingWeight();
    for (const feed of this.#feeds) {
      await this.run('oracle-updates', this.#feedParameters(feed, weight));
    }
  }

  async countHours(): Promise<void> {
    for (const { venue, token, delivery } of this.#feeds) {
      await this.run('oracle-hours', { venue, token, delivery });
    }
  }

  /** What all shares are multiplied by, so that the expected number of updates is the wanted one. */
  async #postingWeight(): Promise<number> {
    const rows = await this.#database.select<{ activity: number }>(
      'SELECT activity FROM workshop.hours ORDER BY hour',
    );
    const updatesAt = (weight: number) =>
      FEEDS.reduce(
        (sum, { share }) =>
          sum +
          rows.reduce((inner, row) => inner + Math.min(0.98, share * weight * row.activity), 0),
        0,
      ) *
      (this.size.blocks / rows.length);
    let [low, high] = [0, 8];
    for (let halving = 0; halving < 40; halving += 1) {
      const middle = (low + high) / 2;
      if (updatesAt(middle) < this.size.updates) low = middle;
      else high = middle;
    }
    return high;
  }

  #feedParameters(feed: GeneratedFeed, weight: number): QueryParameters {
    return {
      feed: feed.index,
      feedSeed: seedWord(this.seed, `feed ${feed.index}`),
      share: feed.share * weight,
      pathToken: feed.path,
      // Feeds of the venue and of others differ a little at the same time.
      noise: feed.index,
      spread: feed.spread,
      lagLocation: feed.lagLocation,
      lagSpread: feed.lagSpread,
      scale: feed.scale,
      token: feed.token,
      symbol: feed.symbol,
      provider: feed.provider,
      priceDecimals: feed.priceDecimals,
      delivery: feed.delivery,
      venue: feed.venue,
      transaction: ['gmx-v2', 'pyth', 'chainlink', 'chronicle'].indexOf(feed.venue),
    };
  }

  livesParameters(): QueryParameters {
    let edge = 0;
    const marketEdges = MARKETS.map(({ weight }) => {
      edge += weight;
      return edge;
    });
    marketEdges[marketEdges.length - 1] = 1.1;
    return {
      positions: this.size.positions,
      marketEdges,
      // Fitted once: about 25 events a position, and some 15,000 open at any time, at scale 1.
      livesFactor: 3,
      medianSeconds: 90_000,
      eventsFactor: 1.35,
    };
  }

  async liveOut(): Promise<void> {
    for (const market of this.#markets) {
      for (const isLong of [true, false]) {
        const perYear = isLong ? market.borrowLong : market.borrowShort;
        const { index, fine } = market;
        const borrowPerHour = (perYear * 3600) / YEAR_SECONDS;
        await this.run('events', { market: index, isLong, fine, borrowPerHour });
        await this.run('placed', { market: index, isLong });
      }
    }
  }

  async ofEachMarket(name: (typeof MARKET_STATEMENTS)[number]): Promise<void> {
    const every = this.scale > 0.2 ? 8 : 1;
    for (const market of this.#markets)
      await this.run(name, { every, ...marketParameters(market) });
  }

  async close(): Promise<void> {
    await this.#database.command('DROP DATABASE workshop SYNC');
  }
}

/** A share a year as the venue counts it: 1e30 a second. */
function perSecond(perYear: number): string {
  return (BigInt(Math.round((perYear / YEAR_SECONDS) * 1e15)) * 10n ** 15n).toString();
}

function marketParameters(market: GeneratedMarket): QueryParameters {
  const { index, fine, firstPrice, decimals, priceDecimals, borrowLong, borrowShort } = market;
  return {
    market: index,
    fine,
    marketToken: market.market,
    indexToken: market.token,
    dollarToken: DOLLAR.token,
    baseFactor: (10n ** BigInt(decimals) / BigInt(fine)).toString(),
    scale: `1e${priceDecimals}`,
    borrowLong: perSecond(borrowLong),
    borrowShort: perSecond(borrowShort),
    borrowLongPerHour: (borrowLong * 3600) / YEAR_SECONDS,
    borrowShortPerHour: (borrowShort * 3600) / YEAR_SECONDS,
    poolUnits: BigInt(Math.round((500_000_000 / firstPrice) * fine)).toString(),
    poolDollars: 500_000_000,
  };
}
