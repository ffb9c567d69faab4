import type { PriceRange } from '../../margin/inputs.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import type { FoldContext } from '../../margin/venue-rules.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { ParameterChange, ParameterSource } from '../../schema/events/parameter.ts';
import type { EventStore } from '../store/event-store.ts';

/** Parameters and prices in force at the point the fold has reached. No rows of its own. */
export class InForce {
  readonly #parameters = new Map<string, bigint>();
  readonly #prices = new Map<string, PriceRange>();

  get context(): FoldContext {
    return { parameters: this.#parameters, prices: this.#prices };
  }

  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredParameter>(LATEST_PARAMETERS, { chainId })) {
      this.apply(parameterOf(row, chainId));
    }
    for (const row of await store.select<StoredPrice>(LATEST_PRICES, { chainId })) {
      this.#prices.set(row.token, { min: BigInt(row.min_price), max: BigInt(row.max_price) });
    }
  }

  apply(event: DomainEvent): void {
    if (event.kind === 'parameter') {
      const known = rulesFor(event.venue).parameterOf(event);
      // A published value fills what is unknown; it never replaces what the chain has said.
      const isOverruled = event.source === 'SNAPSHOT' && known && this.#parameters.has(known.key);
      if (known && !isOverruled) this.#parameters.set(known.key, known.value);
    } else if (event.kind === 'oracle') {
      this.#prices.set(event.token, { min: event.minPrice, max: event.maxPrice });
    }
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
  token: string;
  min_price: string;
  max_price: string;
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

const LATEST_PRICES = `
SELECT token, min_price, max_price
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
ORDER BY block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY token`;
