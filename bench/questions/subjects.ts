import { seededRandom } from '../../indexer/replay/seeded-random.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import {
  CHAIN_ID,
  FEEDS,
  FIRST_SECOND,
  type GeneratedFeed,
  type GeneratedMarket,
  MARKETS,
  VENUE,
  YEAR_SECONDS,
} from '../generated-store/shape.ts';

/** A position that was open for most of the year. */
export interface LongPosition {
  readonly key: string;
  readonly market: GeneratedMarket;
}

/** What one run of all questions is about. */
export interface Subject {
  readonly position: LongPosition;
  readonly market: GeneratedMarket;
  readonly feed: GeneratedFeed;
  /** In [0, 1): where windows shorter than the year begin. */
  readonly at: number;
}

/** Positions by the time they were open, the longest first. */
export async function readLongPositions(database: Database, most: number): Promise<LongPosition[]> {
  const rows = await database.select<{ position_key: string; market: string }>(
    `SELECT position_key, any(market) AS market FROM (
       SELECT position_key, toString(market) AS market, status, block_timestamp,
         leadInFrame(block_timestamp, 1, toUInt64({until:UInt64})) OVER (
           PARTITION BY position_key ORDER BY block_number ASC, log_index ASC
           ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
         ) - block_timestamp AS held
       FROM position_states WHERE chain_id = {chainId:UInt64} AND venue = {venue:String}
     )
     WHERE status = 'OPEN' GROUP BY position_key ORDER BY sum(held) DESC, position_key LIMIT {most:UInt32}`,
    { chainId: CHAIN_ID, venue: VENUE, until: FIRST_SECOND + YEAR_SECONDS, most },
  );
  return rows.flatMap(({ position_key: key, market: address }) => {
    const market = MARKETS.find((one) => one.market === address);
    return market ? [{ key, market }] : [];
  });
}

/**
 * Subjects of `runs` runs: markets as often as they have positions, feeds all alike, long positions each once as far as
 * they last.
 */
export function drawSubjects(
  seed: number,
  runs: number,
  positions: readonly LongPosition[],
): Subject[] {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to draw a subject from');
    return item;
  };
  return Array.from({ length: runs }, (_, run) => ({
    position: positions[run] ?? pick(positions),
    market: pickMarket(random()),
    feed: pick(FEEDS),
    at: random(),
  }));
}

function pickMarket(chance: number): GeneratedMarket {
  let left = chance;
  const found = MARKETS.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return found ?? MARKETS.slice(-1)[0] ?? fail();
}

function fail(): never {
  throw new RangeError('no markets');
}
