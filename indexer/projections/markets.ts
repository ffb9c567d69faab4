import { feedKey } from '../../margin/inputs.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import { decodeState, encodeState } from '../../margin/state-codec.ts';
import type { FoldContext } from '../../margin/venue-rules.ts';
import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { OpenInterestTotal } from './open-interest.ts';

interface MarketRecord {
  readonly venue: string;
  readonly market: string;
  indexToken: string;
  longToken: string;
  shortToken: string;
  /** Pool amount by token. */
  readonly pool: Map<string, bigint>;
  /** The venue rules' own fold state. */
  state: unknown;
  changedAt: EventPlace | null;
}

/** Folds market events into states: one row for each market and block that changed it. */
export class MarketProjection {
  readonly #current = new Map<string, MarketRecord>();
  readonly #rows: Row[] = [];

  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredMarket>(LATEST_STATES, { chainId })) {
      this.#current.set(`${row.venue}:${row.market}`, {
        venue: row.venue,
        market: row.market,
        indexToken: row.index_token,
        longToken: row.long_token,
        shortToken: row.short_token,
        pool: new Map([
          [row.short_token, BigInt(row.pool_amount_short)],
          [row.long_token, BigInt(row.pool_amount_long)],
        ]),
        state: decodeState(row.state),
        changedAt: null,
      });
    }
  }

  /** `feedKey` of the feed whose price moves the market's positions; '' while the listing is unknown. */
  indexFeedOf(venue: string, market: string): string {
    const record = this.#current.get(`${venue}:${market}`);
    const [index] = record ? rulesFor(venue).feedsOf(record.state) : [];
    return index ? feedKey(index.venue, index.token) : '';
  }

  /** The rules' own fold state; undefined while no event has named the market. */
  stateOf(venue: string, market: string): unknown {
    return this.#current.get(`${venue}:${market}`)?.state;
  }

  /** `context`: parameters and prices in force just before the event. */
  apply(event: MarketEvent, context: FoldContext): void {
    // An event that names no market speaks of all markets of its token: each fold picks its own.
    const records = event.market === '' ? this.#marketsOf(event.venue) : [this.#recordOf(event)];
    for (const record of records) applyTo(record, event, context);
  }

  #marketsOf(venue: string): MarketRecord[] {
    return [...this.#current.values()].filter((record) => record.venue === venue);
  }

  /** Writes the state of every market that changed in the block. `openInterest` as of its end. */
  finishBlock(
    openInterest: (venue: string, market: string, isLong: boolean) => OpenInterestTotal,
  ): void {
    for (const record of this.#current.values()) {
      if (record.changedAt === null) continue;
      const long = openInterest(record.venue, record.market, true);
      const short = openInterest(record.venue, record.market, false);
      this.#rows.push({
        market: record.market,
        index_token: record.indexToken,
        long_token: record.longToken,
        short_token: record.shortToken,
        open_interest_long_usd: long.usd,
        open_interest_short_usd: short.usd,
        open_interest_long_base: long.base,
        open_interest_short_base: short.base,
        pool_amount_long: record.pool.get(record.longToken) ?? 0n,
        pool_amount_short: record.pool.get(record.shortToken) ?? 0n,
        state: encodeState(record.state),
        ...placeColumns(record.changedAt),
      });
      record.changedAt = null;
    }
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }

  #recordOf(event: MarketEvent): MarketRecord {
    const key = `${event.venue}:${event.market}`;
    let record = this.#current.get(key);
    if (!record) {
      record = {
        venue: event.venue,
        market: event.market,
        indexToken: '',
        longToken: '',
        shortToken: '',
        pool: new Map(),
        state: rulesFor(event.venue).initialMarket(event.market),
        changedAt: null,
      };
      this.#current.set(key, record);
    }
    return record;
  }
}

function applyTo(record: MarketRecord, event: MarketEvent, context: FoldContext): void {
  if (event.type === 'MarketListed') {
    record.indexToken = text(event.details['indexToken']);
    record.longToken = text(event.details['longToken']);
    record.shortToken = text(event.details['shortToken']);
  }
  if (event.type === 'PoolAmountChanged' && event.value !== null) {
    record.pool.set(event.token, event.value);
  }
  const state = rulesFor(event.venue).evolveMarket(record.state, event, context);
  if (event.market === '' && state === record.state) return;
  record.state = state;
  record.changedAt = event;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface StoredMarket {
  venue: string;
  market: string;
  index_token: string;
  long_token: string;
  short_token: string;
  pool_amount_long: string;
  pool_amount_short: string;
  state: string;
}

const LATEST_STATES = `
SELECT venue, market, index_token, long_token, short_token, pool_amount_long, pool_amount_short, state
FROM market_states
WHERE chain_id = {chainId:UInt64}
    AND (venue, market, block_number) IN (
        SELECT venue, market, max(block_number) FROM market_states
        WHERE chain_id = {chainId:UInt64}
        GROUP BY venue, market
    )
ORDER BY block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY venue, market
SETTINGS optimize_aggregation_in_order = 1`;
