import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { OracleUpdate } from '../../schema/events/oracle.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import { endOf } from './liquidation-levels.ts';
import { FeedHour, type HourUpdate } from './oracle-feed-hour.ts';
import type { Instant } from './position-judge.ts';

const HOUR = 3_600;

/** A feed as one way of delivery writes it. */
interface OpenHour {
  readonly venue: string;
  readonly token: string;
  readonly delivery: string;
  readonly hourStart: number;
  readonly updates: FeedHour;
}

/**
 * Counts of each feed's updates by hour of chain time (table oracle_hours). An hour is written once, at the end of the
 * first block with events after it; until then it is in memory, and after a restart made again from its updates.
 */
export class OracleHours {
  /** The newest hour of each feed. */
  readonly #open = new Map<string, OpenHour>();
  /** Hours that an update of the same feed has ended, in this block. */
  readonly #ended: OpenHour[] = [];
  readonly #rows: Row[] = [];

  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredUpdate>(UPDATES_OF_OPEN_HOUR, { chainId })) {
      this.#take(row.venue, row.token, row.delivery, {
        block: Number(row.block_number),
        time: Number(row.block_timestamp),
        minPrice: BigInt(row.min_price),
        maxPrice: BigInt(row.max_price),
        delay: row.delay === null ? null : Number(row.delay),
        confidence: row.confidence,
      });
    }
  }

  observe(event: OracleUpdate): void {
    const { confidence } = event.details;
    this.#take(event.venue, event.token, event.delivery, {
      block: event.blockNumber,
      time: event.blockTimestamp,
      minPrice: event.minPrice,
      maxPrice: event.maxPrice,
      delay: event.observedAt === null ? null : event.blockTimestamp - event.observedAt,
      confidence: typeof confidence === 'string' ? confidence : '',
    });
  }

  /** A block with events lies in a later hour than all before it: writes the hours that it ends. */
  endHours(instant: Instant): void {
    for (const [key, open] of this.#open) {
      if (open.hourStart === hourOf(instant.timestamp)) continue;
      this.#open.delete(key);
      this.#ended.push(open);
    }
    // In an order that does not tell when an index was begun again.
    for (const hour of this.#ended.splice(0).sort(byName)) {
      const { venue, token, delivery, hourStart, updates } = hour;
      this.#rows.push({
        token,
        delivery,
        hour_start: hourStart,
        ...updates.columns(),
        ...placeColumns(endOf(instant, venue)),
      });
    }
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }

  #take(venue: string, token: string, delivery: string, update: HourUpdate): void {
    const key = nameOf({ venue, token, delivery });
    const hourStart = hourOf(update.time);
    let open = this.#open.get(key);
    if (open?.hourStart !== hourStart) {
      if (open) this.#ended.push(open);
      open = { venue, token, delivery, hourStart, updates: new FeedHour() };
      this.#open.set(key, open);
    }
    open.updates.add(update);
  }
}

function byName(a: OpenHour, b: OpenHour): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ venue, token, delivery }: Omit<OpenHour, 'hourStart' | 'updates'>): string {
  return `${venue}\n${token}\n${delivery}`;
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR) * HOUR;
}

interface StoredUpdate {
  venue: string;
  token: string;
  delivery: string;
  block_number: string;
  block_timestamp: string;
  min_price: string;
  max_price: string;
  delay: string | null;
  confidence: string;
}

/** All feeds' hours end at once: where a row of the newest update's hour is there, nothing is open. */
const UPDATES_OF_OPEN_HOUR = `
WITH
    (
        SELECT intDiv(max(block_timestamp), 3600) * 3600 FROM oracle_updates WHERE chain_id = {chainId:UInt64}
    ) AS open_hour,
    (SELECT max(hour_start) FROM oracle_hours WHERE chain_id = {chainId:UInt64}) AS newest_ended
SELECT
    venue,
    token,
    delivery,
    block_number,
    block_timestamp,
    min_price,
    max_price,
    observation_lag_seconds AS delay,
    JSONExtractString(details, 'confidence') AS confidence
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND block_timestamp >= open_hour
    AND open_hour > newest_ended
ORDER BY block_number, log_index, sub_index`;
