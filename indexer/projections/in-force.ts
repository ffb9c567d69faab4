import { feedKey, type PriceRange } from '../../margin/inputs.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import type { FoldContext } from '../../margin/venue-rules.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { ParameterChange, ParameterSource } from '../../schema/events/parameter.ts';
import type { EventStore } from '../store/event-store.ts';

/**
 * Parameters and prices in force at the point the fold has reached. No rows of its own. Parameters are
 * kept by venue, for two venues may have one of the same name; prices are named by their feed.
 */
export class InForce {
  readonly #parameters = new Map<string, Map<string, bigint>>();
  readonly #prices = new Map<string, PriceRange>();
  readonly #priceDecimals = new Map<string, number | null>();

  contextOf(venue: string): FoldContext {
    return { parameters: this.#parametersOf(venue), prices: this.#prices };
  }

  /** Decimals of the last price of a `feedKey`; null where nobody states them. */
  priceDecimalsOf(feed: string): number | null {
    return this.#priceDecimals.get(feed) ?? null;
  }

  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredParameter>(LATEST_PARAMETERS, { chainId })) {
      this.apply(parameterOf(row, chainId));
    }
    for (const row of await store.select<StoredPrice>(LATEST_PRICES, { chainId })) {
      const feed = feedKey(row.venue, row.token);
      this.#prices.set(feed, { min: BigInt(row.min_price), max: BigInt(row.max_price) });
      this.#priceDecimals.set(feed, row.price_decimals);
    }
  }

  apply(event: DomainEvent): void {
    if (event.kind === 'parameter') {
      const parameters = this.#parametersOf(event.venue);
      const known = rulesFor(event.venue).parameterOf(event);
      // A published value fills what is unknown; it never replaces what the chain has said.
      const isOverruled = event.source === 'SNAPSHOT' && known && parameters.has(known.key);
      if (known && !isOverruled) parameters.set(known.key, known.value);
    } else if (event.kind === 'oracle') {
      const feed = feedKey(event.venue, event.token);
      this.#prices.set(feed, { min: event.minPrice, max: event.maxPrice });
      this.#priceDecimals.set(feed, event.priceDecimals);
    }
  }

  #parametersOf(venue: string): Map<string, bigint> {
    let parameters = this.#parameters.get(venue);
    if (!parameters) {
      parameters = new Map();
      this.#parameters.set(venue, parameters);
    }
    return parameters;
  }
}

interface StoredParameter {
  venue: string;
  market: string;
  name: string;
  value: string | null;
  value_text: string;
  base_key: string;
  key_data: string;
  source: ParameterSource;
}

interface StoredPrice {
  venue: string;
  token: string;
  min_price: string;
  max_price: string;
  price_decimals: number | null;
}

/** A stored change as the event it was; its place no longer matters. */
function parameterOf(row: StoredParameter, chainId: number): ParameterChange {
  return {
    kind: 'parameter',
    type: 'ParameterChanged',
    venue: row.venue,
    market: row.market,
    name: row.name,
    value: row.value === null ? null : BigInt(row.value),
    valueText: row.value_text,
    baseKey: row.base_key,
    keyData: row.key_data,
    source: row.source,
    chainId,
    blockNumber: 0,
    blockTimestamp: 0,
    transactionHash: '',
    transactionIndex: 0,
    logIndex: 0,
    subIndex: 0,
  };
}

const LATEST_PARAMETERS = `
SELECT venue, market, name, value, value_text, base_key, key_data, source
FROM parameter_changes
WHERE chain_id = {chainId:UInt64}
ORDER BY source = 'SNAPSHOT', block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY venue, market, name`;

/** In two steps: of all updates only the key is read, in its order; the rest of each feed's last block. */
const LATEST_PRICES = `
SELECT venue, token, min_price, max_price, price_decimals
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (venue, token, block_number) IN (
        SELECT venue, token, max(block_number) FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
        GROUP BY venue, token
    )
ORDER BY block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY venue, token
SETTINGS optimize_aggregation_in_order = 1`;
