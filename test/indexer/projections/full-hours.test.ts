import { keccak256, stringToHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventRows } from '../../../indexer/pipeline/event-rows.ts';
import { Projector } from '../../../indexer/projections/projector.ts';
import * as declared from '../../../indexer/protocols/mux3/events.ts';
import { mux3 } from '../../../indexer/protocols/mux3/index.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import {
  DERIVED_TABLES,
  type DerivedTable,
  type EventStore,
  type Row,
} from '../../../indexer/store/event-store.ts';
import { parseMarginSpread } from '../../../margin/margin-spread.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';
import { batchOf, encodeLog } from '../../fixtures/encoded-logs.ts';
import {
  closed,
  ETH_LONG,
  ETH_ORACLE,
  liquidated,
  MUX3,
  opened,
  POOL_A,
  priceSet,
  tokenOracle,
  USDC,
  WAD,
} from '../protocols/mux3/made-up-account.ts';
import { positionEvent } from './synthetic-events.ts';

/** A full hour. */
const NOON = 1_700_006_400;

/** A made-up market of MUX3 that is complete but for the price of ETH. */
const MARKET = [
  encodeLog(MUX3, declared.addCollateralToken, { token: USDC, decimals: 6, isStable: true }),
  encodeLog(MUX3, declared.createMarket, {
    marketId: ETH_LONG,
    symbol: 'LETH',
    isLong: true,
    backedPools: [POOL_A],
  }),
  config('MM_ORACLE_ID', ETH_ORACLE),
  config('MM_MAINTENANCE_MARGIN_RATE', `0x${(10n ** 16n).toString(16).padStart(64, '0')}`),
  priceSet(tokenOracle(USDC), WAD),
].map((log) => ({ ...log, block: 1, transaction: 1, timestamp: NOON - 7200 }));

function config(name: string, value: string) {
  return encodeLog(MUX3, declared.setMarketConfig, {
    marketId: ETH_LONG,
    key: keccak256(stringToHex(name)),
    value,
  });
}

const at = (block: number, timestamp: number) => ({ block, transaction: block, timestamp });
const openAt = (block: number, timestamp: number, size = WAD) =>
  opened({ size, newSizes: [size] }, at(block, timestamp));
const priceAt = (block: number, timestamp: number, price = 2000n) =>
  priceSet(ETH_ORACLE, price * WAD, at(block, timestamp));
const endAt = (end: typeof closed, block: number, timestamp: number) =>
  end({ size: WAD, newSizes: [0n] }, at(block, timestamp));

type Log = ReturnType<typeof openAt>;

function eventsOf(...logs: readonly Log[]): readonly DomainEvent[] {
  const reader = mux3.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
  const { events = [], deadLetters } =
    reader?.normalize(batchOf(42161, [...MARKET, ...logs])) ?? {};
  expect(deadLetters).toEqual([]);
  return events;
}

type Rows = ReadonlyMap<DerivedTable, Row[]>;

const projected = (...logs: readonly Log[]): Promise<Rows> =>
  new Projector().apply(eventsOf(...logs), new Map());

/** @example ['102 +CREATED LEVEL'] */
function levelsOf(rows: Rows): string[] {
  return (rows.get('liquidation_levels') ?? []).map(
    (row) =>
      `${row['block_number']} ${row['sign'] === 1 ? '+' : '-'}${row['cause']} ${row['placement']}`,
  );
}

/** Blocks of the full hours with how many positions are open and how many of them unjudged. */
function hoursOf(rows: Rows): string[] {
  const both = (rows.get('margin_spreads') ?? []).filter(({ side }) => side === '');
  return both.map((row) => {
    const { open, unjudged } = parseMarginSpread(String(row['spread']));
    return `${row['block_number']}: ${open.count} and ${unjudged}`;
  });
}

describe('the levels of a made-up position', () => {
  it.each<[string, Log[], string[]]>([
    ['is created', [priceAt(2, NOON), openAt(3, NOON)], ['3 +CREATED LEVEL']],
    [
      'moves with its size',
      [priceAt(2, NOON), openAt(3, NOON), openAt(4, NOON, 2n * WAD)],
      ['3 +CREATED LEVEL', '4 -MOVED LEVEL', '4 +MOVED LEVEL'],
    ],
    [
      'has one level a block, the last',
      [priceAt(2, NOON), openAt(3, NOON), openAt(3, NOON, 2n * WAD)],
      ['3 +CREATED LEVEL'],
    ],
    [
      'is closed',
      [priceAt(2, NOON), openAt(3, NOON), endAt(closed, 4, NOON)],
      ['3 +CREATED LEVEL', '4 -CLOSED LEVEL'],
    ],
    [
      'is liquidated',
      [priceAt(2, NOON), openAt(3, NOON), endAt(liquidated, 4, NOON)],
      ['3 +CREATED LEVEL', '4 -LIQUIDATED LEVEL'],
    ],
    [
      'is never there when it opens and closes in one block',
      [priceAt(2, NOON), openAt(3, NOON), endAt(closed, 3, NOON)],
      [],
    ],
    [
      'ends and begins another life in one block',
      [priceAt(2, NOON), openAt(3, NOON), endAt(liquidated, 4, NOON), openAt(4, NOON)],
      ['3 +CREATED LEVEL', '4 -LIQUIDATED LEVEL', '4 +CREATED LEVEL'],
    ],
    [
      'ends as its first life did, whatever came after in the block',
      [
        priceAt(2, NOON),
        openAt(3, NOON),
        endAt(liquidated, 4, NOON),
        openAt(4, NOON),
        endAt(closed, 4, NOON),
      ],
      ['3 +CREATED LEVEL', '4 -LIQUIDATED LEVEL'],
    ],
    ['is unknown without a price', [openAt(3, NOON)], ['3 +CREATED UNKNOWN']],
    [
      'does not drift within an hour',
      [openAt(3, NOON), priceAt(4, NOON + 3599)],
      ['3 +CREATED UNKNOWN'],
    ],
    [
      'drifts with the first block of an hour, that block included',
      [openAt(3, NOON), priceAt(4, NOON + 3600)],
      ['3 +CREATED UNKNOWN', '4 -DRIFT UNKNOWN', '4 +DRIFT LEVEL'],
    ],
    [
      'drifts to another placement where neither has a cell',
      [openAt(3, NOON, WAD / 10n), priceAt(4, NOON + 3600)],
      ['3 +CREATED UNKNOWN', '4 -DRIFT UNKNOWN', '4 +DRIFT NONE'],
    ],
    [
      'does not drift where cell and placement stay',
      [priceAt(2, NOON), openAt(3, NOON), priceAt(4, NOON + 3600, 1900n)],
      ['3 +CREATED LEVEL'],
    ],
    [
      'does not drift in a block that moves it',
      [openAt(3, NOON), priceAt(4, NOON + 3600), openAt(4, NOON + 3600, 2n * WAD)],
      ['3 +CREATED UNKNOWN', '4 -MOVED UNKNOWN', '4 +MOVED LEVEL'],
    ],
  ])('%s', async (_name, logs, levels) => {
    expect(levelsOf(await projected(...logs))).toEqual(levels);
  });

  it('is unknown where no event has named its market', async () => {
    const rows = await new Projector().apply([positionEvent('PositionOpened', 3)], new Map());
    expect(levelsOf(rows)).toEqual(['3 +CREATED UNKNOWN']);
  });

  it('is at the place of the event that made it, and drifts at none', async () => {
    const rows = await projected(openAt(3, NOON), priceAt(4, NOON + 3600));
    const [created, ...drifted] = rows.get('liquidation_levels') ?? [];
    expect(created).toMatchObject({ log_index: 0, block_timestamp: NOON, liquidation_price: 0n });
    expect(created?.['transaction_hash']).not.toBe('');
    for (const row of drifted) {
      expect(row).toMatchObject({
        transaction_hash: '',
        log_index: 0,
        block_timestamp: NOON + 3600,
      });
    }
    expect(drifted[1]?.['liquidation_price']).toBeGreaterThan(1000n * WAD);
  });
});

describe('the full hours of a made-up chain', () => {
  it.each<[string, Log[], string[]]>([
    ['do not come with the first block ever', [openAt(1, NOON - 7200)], []],
    // Block 1 is of two hours before.
    ['come with the first block after them', [openAt(2, NOON - 1)], ['2: 0 and 1']],
    ['are one where several passed', [openAt(2, NOON + 9000)], ['2: 0 and 1']],
    ['come once', [openAt(2, NOON), priceAt(3, NOON + 1), priceAt(4, NOON + 3599)], ['2: 0 and 1']],
    [
      'come in a block at the very hour',
      [openAt(2, NOON), priceAt(3, NOON + 3600), priceAt(4, NOON + 7199), priceAt(5, NOON + 7200)],
      ['2: 0 and 1', '3: 1 and 0', '5: 1 and 0'],
    ],
    [
      'say once that a market is empty',
      [openAt(2, NOON), endAt(closed, 3, NOON), priceAt(4, NOON + 3600), priceAt(5, NOON + 7200)],
      ['2: 0 and 1', '4: 0 and 0'],
    ],
  ])('%s', async (_name, logs, hours) => {
    expect(hoursOf(await projected(...logs))).toEqual(hours);
  });
});

describe('a run that stops in a made-up chain', () => {
  const folder = temporaryFolder('full-hours');
  let database: Database;
  let store: EventStore;

  beforeAll(async () => {
    database = await openDatabase({ dataDir: folder.path });
    await migrate(database);
    store = createClickHouseStore(database);
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  it('goes on with the rows of one that never stopped', async () => {
    const events = eventsOf(
      openAt(2, NOON),
      openAt(4, NOON + 3599, 2n * WAD),
      priceAt(5, NOON + 3600),
      priceAt(6, NOON + 7000, 2100n),
      endAt(closed, 7, NOON + 7100),
      priceAt(8, NOON + 10_000),
      openAt(9, NOON + 10_001),
      priceAt(10, NOON + 20_000),
    );
    const whole = await new Projector().apply(events, new Map());
    expect(levelsOf(whole)).toHaveLength(7);
    expect(hoursOf(whole)).toHaveLength(4);
    for (const block of [2, 4, 5, 7, 8]) {
      const part = (isLater: boolean) =>
        events.filter((one) => one.blockNumber > block === isLater);
      const first = await new Projector().apply(part(false), new Map());
      // A chain of its own, so that the parts do not mix.
      const chainId = 1000 + block;
      const stored = new Map([...eventRows(part(false), []), ...first]);
      for (const table of DERIVED_TABLES) {
        const rows = (stored.get(table) ?? []).map((row) => ({ ...row, chain_id: chainId }));
        if (rows.length > 0) await store.append(table, rows);
      }
      const second = await (await Projector.restore(store, chainId)).apply(part(true), new Map());
      for (const table of ['liquidation_levels', 'margin_spreads'] as const) {
        const together = [...(first.get(table) ?? []), ...(second.get(table) ?? [])];
        expect(together, `${table}, stopped after block ${block}`).toEqual(whole.get(table));
      }
    }
  });
});
