import { rulesFor } from '../../margin/rules/registry.ts';
import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { PositionRecord, PositionTransition } from './positions.ts';

interface MarketRecord {
  readonly long: SideRecord;
  readonly short: SideRecord;
  /** Long minus short base units as the protocol counts them; null: it does not (yet). */
  protocolSkewBase: bigint | null;
}

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

/** USD 1e30 and base units: the protocol's counter, or what our positions sum to where it has none. */
export interface OpenInterestTotal {
  readonly usd: bigint;
  readonly base: bigint;
}

/**
 * Open interest twice over: as the protocol counts it (per side, or as a skew), and as our positions
 * add up. The two are independent, so that equality in every row proves that no position event was
 * lost or doubled. Where a protocol emits no counter its columns are null and nothing is claimed.
 */
export class OpenInterestProjection {
  readonly #markets = new Map<string, MarketRecord>();
  readonly #rows: Row[] = [];

  async restore(
    store: EventStore,
    chainId: number,
    openPositions: readonly PositionRecord[],
  ): Promise<void> {
    for (const row of await store.select<StoredCounter>(LATEST_COUNTERS, { chainId })) {
      const market = this.#marketOf(row.venue, row.market);
      const value = BigInt(row.counter);
      if (row.type === 'SkewChanged') market.protocolSkewBase = value;
      else if (row.is_long !== null) {
        counterOf(row.is_long ? market.long : market.short, row.type).set(row.token, value);
      }
    }
    for (const position of openPositions) this.#add(position, 1n);
  }

  applyMarketEvent(event: MarketEvent): void {
    if (event.value === null) return;
    if (event.type === 'SkewChanged') {
      const market = this.#marketOf(event.venue, event.market);
      market.protocolSkewBase = event.value;
      market.long.changedAt = event;
      market.short.changedAt = event;
    } else if (isCounter(event.type) && event.isLong !== null) {
      const side = this.#sideOf(event.venue, event.market, event.isLong);
      counterOf(side, event.type).set(event.token, event.value);
      side.changedAt = event;
    }
  }

  applyTransition({ event, before, after }: PositionTransition): void {
    if (before) this.#add(before, -1n);
    if (after.status === 'OPEN') this.#add(after, 1n);
    this.#sideOf(event.venue, event.market, event.isLong).changedAt = event;
  }

  totalOf(venue: string, market: string, isLong: boolean): OpenInterestTotal {
    const side = this.#sideOf(venue, market, isLong);
    return rulesFor(venue).openInterestCounter === 'SIDES'
      ? { usd: total(side.protocolUsd), base: total(side.protocolBase) }
      : { usd: side.positionsUsd, base: side.positionsBase };
  }

  finishBlock(): void {
    for (const { long, short, protocolSkewBase } of this.#markets.values()) {
      for (const side of [long, short]) {
        if (side.changedAt === null) continue;
        const counter = rulesFor(side.venue).openInterestCounter;
        this.#rows.push({
          market: side.market,
          is_long: side.isLong,
          protocol_usd: counter === 'SIDES' ? total(side.protocolUsd) : null,
          protocol_base: counter === 'SIDES' ? total(side.protocolBase) : null,
          positions_usd: side.positionsUsd,
          positions_base: side.positionsBase,
          protocol_skew_base: counter === 'SKEW' ? protocolSkewBase : null,
          positions_skew_base: long.positionsBase - short.positionsBase,
          open_positions: side.openPositions,
          ...placeColumns(side.changedAt),
          // Both sides may change with one log's place as cause: the side keeps identities apart.
          sub_index: side.isLong ? 0 : 1,
        });
        side.changedAt = null;
      }
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
    const { long, short } = this.#marketOf(venue, market);
    return isLong ? long : short;
  }

  #marketOf(venue: string, market: string): MarketRecord {
    const key = `${venue}:${market}`;
    let record = this.#markets.get(key);
    if (!record) {
      const [long, short] = [emptySide(venue, market, true), emptySide(venue, market, false)];
      record = { long, short, protocolSkewBase: null };
      this.#markets.set(key, record);
    }
    return record;
  }
}

function emptySide(venue: string, market: string, isLong: boolean): SideRecord {
  return {
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
}

function isCounter(type: string): boolean {
  return type === 'OpenInterestUsdChanged' || type === 'OpenInterestBaseChanged';
}

function counterOf(side: SideRecord, type: string): Map<string, bigint> {
  return type === 'OpenInterestUsdChanged' ? side.protocolUsd : side.protocolBase;
}

/** Sum over the collateral tokens. */
function total(counter: ReadonlyMap<string, bigint>): bigint {
  let sum = 0n;
  for (const value of counter.values()) sum += value;
  return sum;
}

interface StoredCounter {
  venue: string;
  market: string;
  is_long: boolean | null;
  type: string;
  token: string;
  counter: string;
}

/** `counter`, not `value`: an alias hides the column of its name, and a null would pass as a number. */
const LATEST_COUNTERS = `
SELECT venue, market, is_long, type, token,
    argMax(assumeNotNull(value), (block_number, log_index, sub_index)) AS counter
FROM market_events
WHERE chain_id = {chainId:UInt64}
    AND type IN ('OpenInterestUsdChanged', 'OpenInterestBaseChanged', 'SkewChanged')
    AND value IS NOT NULL
GROUP BY venue, market, is_long, type, token`;
