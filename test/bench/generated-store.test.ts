import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOpenPositions } from '../../api/queries/liquidation-mass.ts';
import { readMarketTimeline } from '../../api/queries/market-timeline.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { generateStore } from '../../bench/generated-store/generate-store.ts';
import { CHAIN_ID, FEEDS, MARKETS, VENUE } from '../../bench/generated-store/shape.ts';
import { FeedHour } from '../../indexer/projections/oracle-feed-hour.ts';
import { parseMarginSpread } from '../../margin/margin-spread.ts';
import { type OpenStore, openEmptyStore } from '../api/crash-store.ts';

const MARKET = MARKETS[0]!;
const POSTED = FEEDS.filter(
  ({ venue, path }) => venue === VENUE && [MARKET.index, MARKETS.length].includes(path),
);

let store: OpenStore;
let snapshot: Snapshot;

beforeAll(async () => {
  store = await openEmptyStore();
  const only = { markets: [MARKET], feeds: POSTED };
  await generateStore({ database: store.database, seed: 7, scale: 0.001, only });
  snapshot = await openSnapshot(store.database);
});

afterAll(() => store.close());

describe('a generated store', () => {
  it('says that it is generated, and ends in a commit', () => {
    const [source] = snapshot.sources;
    expect(source).toMatchObject({ chainId: CHAIN_ID, isSynthetic: true });
    expect(source?.name).toContain('generated');
    expect(source?.headBlock).toBeGreaterThan(source?.firstBlock ?? Number.POSITIVE_INFINITY);
  });

  it('keeps in its ledger the levels that the rules of the venue find', async () => {
    const [source] = snapshot.sources;
    const blocks = await store.database.select<{ block: string; time: string }>(
      `SELECT block_number AS block, block_timestamp AS time FROM blocks WHERE intDiv(block_number - 250000000, 12) IN (3000, 5000, 7000)`,
    );
    let compared = 0;
    for (const { block, time } of blocks) {
      const scope = { source: source!, venue: VENUE, market: MARKET.market };
      const at = Number(block);
      const timeline = await readMarketTimeline(store.database, { ...scope, blocks: [at] });
      const open = await readOpenPositions(store.database, {
        ...scope,
        fromBlock: at,
        toBlock: at,
        filter: {},
      });
      const standing = new Map(
        (
          await store.database.select<{ key: string; price: string }>(
            `SELECT position_key AS key, toString(sum(sign * liquidation_price)) AS price FROM liquidation_levels
             WHERE block_number <= {at:UInt64} GROUP BY key HAVING sum(sign) = 1`,
            { at },
          )
        ).map(({ key, price }) => [key, BigInt(price)]),
      );
      expect(open.filter((one) => one.fromBlock <= at && at < one.untilBlock)).toHaveLength(
        standing.size,
      );
      for (const { state } of open) {
        const found = timeline.rules.assess({
          position: state,
          market: timeline.marketAt(at)?.state,
          parameters: timeline.parametersAt(at),
          prices: timeline.pricesAt(at),
          timestamp: Number(time),
          block: at,
        });
        const kept = standing.get((state as { positionKey: string }).positionKey) ?? -1n;
        // The dollar's price is not quite 1 on its feed, and the ledger is up to a cell behind what borrowing has added.
        expect(Number(found.liquidationPrice ?? 0n) / Number(kept)).toBeCloseTo(1, 2);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });

  it('gives each position one level at a time, and takes back what it gave', async () => {
    const faults = await store.database.select(
      `SELECT position_key, life FROM (
         SELECT position_key, life, block_number, sum(sum(sign)) OVER (PARTITION BY position_key, life ORDER BY block_number ASC) AS held
         FROM liquidation_levels GROUP BY position_key, life, block_number
       ) WHERE held NOT IN (0, 1)
       UNION ALL
       SELECT position_key, life FROM liquidation_levels GROUP BY position_key, life
       HAVING sum(sign) = 0 AND sum(sign * cityHash64(cell, liquidation_price, notional_usd, size_base)) != 0`,
    );
    expect(faults).toEqual([]);
  });

  it('counts open interest as the sum of its positions', async () => {
    const [sums] = await store.database.select(
      `SELECT (SELECT sum(size_delta_usd) FROM position_events) AS events,
        (SELECT sum(usd) FROM (SELECT argMax(positions_usd, (block_number, log_index)) AS usd FROM open_interest GROUP BY market, is_long)) AS counted,
        (SELECT count() FROM position_events) > 500 AS are_many`,
    );
    expect(sums).toMatchObject({ are_many: 1 });
    expect((sums as { events: string }).events).toBe((sums as { counted: string }).counted);
  });

  it('counts the updates of a feed by hour as the projection does', async () => {
    const { venue, token } = POSTED[0]!;
    const scope = { venue, token };
    const updates = await store.database.select<Record<string, string>>(
      `SELECT block_number, block_timestamp, min_price, max_price, observation_lag_seconds AS delay FROM oracle_updates
       WHERE venue = {venue:String} AND token = {token:String} ORDER BY block_number`,
      scope,
    );
    const byHour = new Map<number, typeof updates>();
    for (const update of updates) {
      const hour = Math.floor(Number(update['block_timestamp']) / 3600) * 3600;
      byHour.set(hour, [...(byHour.get(hour) ?? []), update]);
    }
    const rows = await store.database.select<Record<string, unknown>>(
      `SELECT * FROM oracle_hours WHERE venue = {venue:String} AND token = {token:String} ORDER BY hour_start`,
      scope,
    );
    expect(rows.length).toBe(byHour.size - 1);
    const unequal: unknown[] = [];
    for (const row of rows) {
      const hour = new FeedHour();
      for (const update of byHour.get(Number(row['hour_start'])) ?? []) {
        hour.add({
          block: Number(update['block_number']),
          time: Number(update['block_timestamp']),
          minPrice: BigInt(update['min_price']!),
          maxPrice: BigInt(update['max_price']!),
          delay: Number(update['delay']),
          confidence: '',
        });
      }
      for (const [name, value] of Object.entries(hour.columns())) {
        if (String(row[name]) !== String(value))
          unequal.push([row['hour_start'], name, row[name], value]);
      }
    }
    expect(unequal).toEqual([]);
  });

  it('spreads margins in the form that the API reads', async () => {
    const rows = await store.database.select<{ spread: string }>(
      'SELECT spread FROM margin_spreads LIMIT 50',
    );
    expect(rows.length).toBe(50);
    for (const { spread } of rows) {
      const { open, under, marginRatio } = parseMarginSpread(spread);
      expect(open.count).toBeGreaterThan(0);
      expect(under.map(({ count }) => count)).toEqual(
        under.map(({ count }) => count).toSorted((a, b) => a - b),
      );
      expect(marginRatio.byCount.min).not.toBeNull();
    }
  });
});
