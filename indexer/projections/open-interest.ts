import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { PositionRecord, PositionTransition } from './positions.ts';

interface SideRecord {
  readonly venue: string;
  readonly market: string;
  readonly isLong: boolean;
  /** The protocol's counters, by collateral token. */
  readonly protocolUsd: Map<string, bigint>;
  readonly protocolBase: Map<string, bigint>;
  /** Sums over the positions we rebuilt. */
  positionsUsd: bigint;
  positionsBase: bigint;
  openPositions: number;
  changedAt: EventPlace | null;
}

/**
 * Open interest twice over: as the protocol counts it, and as our positions add up. The two are
 * independent, so that equality in every row proves that no position event was lost or doubled.
 */
export class OpenInterestProjection {
  readonly #sides = new Map<string, SideRecord>();
  readonly #rows: Row[] = [];

  async restore(
    store: EventStore,
    chainId: number,
    openPositions: readonly PositionRecord[],
  ): Promise<void> {
    for (const row of await store.select<StoredCounter>(LATEST_COUNTERS, { chainId })) {
      const side = this.#sideOf(row.venue, row.market, row.is_long);
      const counter = row.type === 'OpenInterestUsdChanged' ? side.protocolUsd : side.protocolBase;
      counter.set(row.token, BigInt(row.value));
    }
    for (const position of openPositions) this.#add(position, 1n);
  }

  applyMarketEvent(event: MarketEvent): void {
    const isUsd = event.type === 'OpenInterestUsdChanged';
    if (!isUsd && event.type !== 'OpenInterestBaseChanged') return;
    if (event.isLong === null || event.value === null) return;
    const side = this.#sideOf(event.venue, event.market, event.isLong);
    (isUsd ? side.protocolUsd : side.protocolBase).set(event.token, event.value);
    side.changedAt = event;
  }

  applyTransition({ event, before, after }: PositionTransition): void {
    if (before) this.#add(before, -1n);
    if (after.status === 'OPEN') this.#add(after, 1n);
    this.#sideOf(event.venue, event.market, event.isLong).changedAt = event;
  }

  protocolTotal(venue: string, market: string, isLong: boolean): { usd: bigint; base: bigint } {
    const side = this.#sideOf(venue, market, isLong);
    return { usd: sum(side.protocolUsd), base: sum(side.protocolBase) };
  }

  finishBlock(): void {
    for (const side of this.#sides.values()) {
      if (side.changedAt === null) continue;
      this.#rows.push({
        market: side.market,
        is_long: side.isLong,
        protocol_usd: sum(side.protocolUsd),
        protocol_base: sum(side.protocolBase),
        positions_usd: side.positionsUsd,
        positions_base: side.positionsBase,
        open_positions: side.openPositions,
        ...placeColumns(side.changedAt),
        // Both sides may change with one log's place as cause: the side keeps identities apart.
        sub_index: side.isLong ? 0 : 1,
      });
      side.changedAt = null;
    }
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }

  #add(position: PositionRecord, sign: 1n | -1n): void {
    const side = this.#sideOf(position.venue, position.market, position.isLong);
    side.positionsUsd += sign * position.sizeUsd;
    side.positionsBase += sign * position.sizeBase;
    side.openPositions += Number(sign);
  }

  #sideOf(venue: string, market: string, isLong: boolean): SideRecord {
    const key = `${venue}:${market}:${isLong}`;
    let side = this.#sides.get(key);
    if (!side) {
      side = {
        venue,
        market,
        isLong,
        protocolUsd: new Map(),
        protocolBase: new Map(),
        positionsUsd: 0n,
        positionsBase: 0n,
        openPositions: 0,
        changedAt: null,
      };
      this.#sides.set(key, side);
    }
    return side;
  }
}

function sum(values: ReadonlyMap<string, bigint>): bigint {
  let total = 0n;
  for (const value of values.values()) total += value;
  return total;
}

interface StoredCounter {
  venue: string;
  market: string;
  is_long: boolean;
  type: string;
  token: string;
  value: string;
}

const LATEST_COUNTERS = `
SELECT venue, market, assumeNotNull(is_long) AS is_long, type, token, assumeNotNull(value) AS value
FROM market_events
WHERE chain_id = {chainId:UInt64} AND type IN ('OpenInterestUsdChanged', 'OpenInterestBaseChanged')
ORDER BY block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY venue, market, is_long, type, token`;
