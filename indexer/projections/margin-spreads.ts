import {
  type JudgedMargin,
  marginSpread,
  marginSpreadText,
  parseMarginSpread,
} from '../../margin/margin-spread.ts';
import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import { endOf } from './liquidation-levels.ts';
import type { Instant } from './position-judge.ts';

interface MarketOfVenue {
  readonly venue: string;
  readonly market: string;
}

/** An open position; `margin` is null where its rules could not judge it. */
export interface JudgedPosition {
  readonly isLong: boolean;
  readonly margin: JudgedMargin | null;
}

/**
 * How the margins of a market's open positions are spread, once an hour of chain time: three rows a market, both
 * sides and each by itself. A market that has no positions any more gets three empty rows once, so that
 * the last row up to a block is always what stood at the last full hour before it.
 */
export class MarginSpreads {
  /** Markets whose last row has positions, by `venue:market`. */
  readonly #peopled = new Map<string, MarketOfVenue>();
  readonly #rows: Row[] = [];

  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredSpread>(LATEST_SPREADS, { chainId })) {
      const { open, unjudged } = parseMarginSpread(row.newest);
      if (open.count + unjudged > 0) {
        const { venue, market } = row;
        this.#peopled.set(`${venue}:${market}`, { venue, market });
      }
    }
  }

  /** `open`: `venue:market` of those with open positions; `write` is called for each of them. */
  writeEmptied(open: ReadonlySet<string>, instant: Instant): void {
    for (const [key, market] of this.#peopled) {
      if (open.has(key)) continue;
      this.#peopled.delete(key);
      this.#push(market, [], instant);
    }
  }

  /** All open positions of a market, judged at the instant. */
  write(market: MarketOfVenue, positions: readonly JudgedPosition[], instant: Instant): void {
    const { venue, market: address } = market;
    this.#peopled.set(`${venue}:${address}`, { venue, market: address });
    this.#push(market, positions, instant);
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }

  #push(
    { venue, market }: MarketOfVenue,
    positions: readonly JudgedPosition[],
    instant: Instant,
  ): void {
    for (const side of ['', 'LONG', 'SHORT']) {
      const ofSide = positions.filter(({ isLong }) => side === '' || isLong === (side === 'LONG'));
      const judged = ofSide.flatMap(({ margin }) => margin ?? []);
      const spread = marginSpread(judged, ofSide.length - judged.length);
      this.#rows.push({
        market,
        side,
        spread: marginSpreadText(spread),
        ...placeColumns(endOf(instant, venue)),
      });
    }
  }
}

interface StoredSpread {
  venue: string;
  market: string;
  newest: string;
}

const LATEST_SPREADS = `
SELECT venue, market, argMax(spread, block_number) AS newest
FROM margin_spreads
WHERE chain_id = {chainId:UInt64} AND side = ''
GROUP BY venue, market`;
