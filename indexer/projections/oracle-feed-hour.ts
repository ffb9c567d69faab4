import type { Row } from '../store/event-store.ts';

/** Ratios are counted in units of 1e-7, a thousandth of a basis point (api/queries/latency-statistics.ts). */
const QUANTA_PER_RATIO = 1e7;

/** What the statistics need of one update. */
export interface HourUpdate {
  readonly block: number;
  /** Unix seconds of the block. */
  readonly time: number;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  /** Block time − observation time; null without an observation. */
  readonly delay: number | null;
  /** As the log states it, with the decimals of the price; '' where it states none. */
  readonly confidence: string;
}

/** How often each whole number came. */
class Tally {
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  /** Two columns: values in rising order, and how often each came. */
  columns(name: string): Row {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    return {
      [`${name}_values`]: sorted.map(([value]) => value),
      [`${name}_counts`]: sorted.map(([, times]) => times),
    };
  }
}

/**
 * The updates of one feed in one hour, counted as the table oracle_hours keeps them. Updates come in the order of the
 * chain; the formulas are those of the analytics E1–E4, E8, E9 (docs/analytics.md).
 */
export class FeedHour {
  #updates = 0;
  #firstTime = 0;
  #last: { readonly block: number; readonly time: number } | null = null;
  #firstObservedTime = 0;
  /** The newest observation: nothing has taken its place yet. */
  #observed: { readonly time: number; readonly delay: number } | null = null;
  #firstPrice = 0n;
  /** min + max of the last block before the newest that has a price. */
  #priceBefore = 0n;
  #price: { readonly block: number; readonly sum: bigint } | null = null;
  readonly #intervals = new Tally();
  readonly #delays = new Tally();
  readonly #ageStarts = new Tally();
  readonly #ageEnds = new Tally();
  readonly #moves = new Tally();
  readonly #spreads = new Tally();
  readonly #confidences = new Tally();

  add(update: HourUpdate): void {
    this.#updates += 1;
    this.#addTime(update);
    if (update.delay !== null) this.#addObservation(update.time, update.delay);
    if (update.minPrice > 0n) this.#addPrice(update);
    if (update.maxPrice > 0n && /^\d+$/.test(update.confidence)) {
      const ratio = Number(update.confidence) / Number(update.maxPrice);
      // A confidence of more than any price can be is no number that a column holds.
      const quanta = Math.round(ratio * QUANTA_PER_RATIO);
      this.#confidences.add(Math.min(quanta, Number.MAX_SAFE_INTEGER));
    }
  }

  /** The columns of its row; it takes no more updates then. */
  columns(): Row {
    this.#settlePrice();
    return {
      updates: this.#updates,
      first_time: this.#firstTime,
      last_time: this.#last?.time ?? 0,
      first_observed_time: this.#firstObservedTime,
      last_observed_time: this.#observed?.time ?? 0,
      last_observed_delay: this.#observed?.delay ?? 0,
      first_price: this.#firstPrice,
      last_price: this.#priceBefore,
      ...this.#intervals.columns('interval'),
      ...this.#delays.columns('delay'),
      ...this.#ageStarts.columns('age_start'),
      ...this.#ageEnds.columns('age_end'),
      ...this.#moves.columns('move'),
      ...this.#spreads.columns('spread'),
      ...this.#confidences.columns('confidence'),
    };
  }

  /** Updates of one block are one. */
  #addTime({ block, time }: HourUpdate): void {
    if (this.#last === null) this.#firstTime = time;
    else if (this.#last.block !== block) this.#intervals.add(time - this.#last.time);
    this.#last = { block, time };
  }

  /** A price that another one of its second follows was never the newest for any time. */
  #addObservation(time: number, delay: number): void {
    this.#delays.add(delay);
    const before = this.#observed;
    if (before === null) this.#firstObservedTime = time;
    else if (time > before.time) {
      this.#ageStarts.add(before.delay);
      this.#ageEnds.add(before.delay + time - before.time);
    }
    this.#observed = { time, delay };
  }

  /** Of several prices in one block the last one holds. */
  #addPrice({ block, minPrice, maxPrice }: HourUpdate): void {
    const sum = minPrice + maxPrice;
    const width = (2 * Number(maxPrice - minPrice)) / Number(sum);
    this.#spreads.add(Math.round(width * QUANTA_PER_RATIO));
    if (this.#price !== null && this.#price.block !== block) this.#settlePrice();
    this.#price = { block, sum };
  }

  #settlePrice(): void {
    if (this.#price === null) return;
    const { sum } = this.#price;
    this.#price = null;
    if (this.#priceBefore === 0n) this.#firstPrice = sum;
    else {
      const ratio = Number(sum) / Number(this.#priceBefore);
      this.#moves.add(Math.round(Math.abs(Math.log(ratio)) * QUANTA_PER_RATIO));
    }
    this.#priceBefore = sum;
  }
}
