import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import {
  deadLetterRow,
  detailsText,
  feeEventRow,
  marketEventRow,
  oracleUpdateRow,
  orderEventRow,
  parameterChangeRow,
  positionEventRow,
} from '../../../schema/clickhouse/rows.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';

const place = {
  chainId: 42161,
  blockNumber: 7,
  blockTimestamp: 1_700_000_000,
  transactionHash: `0x${'ab'.repeat(32)}`,
  transactionIndex: 1,
  logIndex: 2,
  subIndex: 3,
  venue: 'gmx-v2',
};
const oracle: OracleUpdate = {
  kind: 'oracle',
  type: 'OracleUpdated',
  token: '0xt',
  symbol: 'ETH / USD',
  provider: '0xp',
  minPrice: 1n,
  maxPrice: 2n,
  priceDecimals: 8,
  delivery: 'PUSH',
  observedAt: 1_700_000_004,
  timeIsBlockTime: false,
  details: {},
  ...place,
};
const parameter: ParameterChange = {
  kind: 'parameter',
  type: 'ParameterChanged',
  market: '',
  name: 'maxOpenInterest',
  value: 1n,
  valueText: '1',
  baseKey: '0xb',
  keyData: '0x',
  source: 'EVENT',
  ...place,
};
const rows = {
  position_events: positionEventRow({
    kind: 'position',
    type: 'PositionOpened',
    positionKey: '0xk',
    account: '0xa',
    market: '0xm',
    collateralToken: '0xc',
    isLong: false,
    orderKey: '0xo',
    orderType: null,
    sizeUsd: 2n ** 255n - 1n,
    sizeBase: -(2n ** 255n),
    collateralRaw: 3n,
    sizeDeltaUsd: 4n,
    sizeDeltaBase: 5n,
    collateralDeltaRaw: 6n,
    executionPrice: 7n,
    indexPriceMin: 8n,
    indexPriceMax: 9n,
    collateralPriceMin: 10n,
    collateralPriceMax: 11n,
    realizedPnlUsd: 12n,
    priceImpactUsd: -13n,
    details: { b: 'two', a: ['1', true] },
    ...place,
  }),
  fee_events: feeEventRow({
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: '',
    orderKey: '0xo',
    market: '0xm',
    collateralToken: '0xc',
    collateralPriceMin: 1n,
    positionFeeRaw: 2n,
    borrowFeeRaw: 3n,
    borrowFeeUsd: 4n,
    fundingFeeRaw: 5n,
    liquidationFeeRaw: 6n,
    totalCostRaw: 7n,
    remainingCostUsd: 8n,
    step: 'fees',
    details: {},
    ...place,
  }),
  order_events: orderEventRow({
    kind: 'order',
    type: 'OrderCreated',
    orderKey: '0xo',
    account: '0xa',
    market: '0xm',
    orderType: 2,
    secondaryOrderType: null,
    sizeDeltaUsd: 9n,
    requestedAt: null,
    reason: "it's\n",
    details: {},
    ...place,
  }),
  market_events: marketEventRow({
    kind: 'market',
    type: 'PoolAmountChanged',
    market: '0xm',
    token: '',
    isLong: null,
    delta: -1n,
    value: null,
    details: {},
    ...place,
  }),
  oracle_updates: oracleUpdateRow(oracle),
  parameter_changes: parameterChangeRow(parameter),
  dead_letters: deadLetterRow({
    reason: 'cut',
    address: '0xa',
    topics: ['0x1', '0x2'],
    data: '0x',
    ...place,
  }),
};

describe('row codecs', () => {
  let dataDir: string;
  let database: Database;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-rows-'));
    database = await openDatabase({ dataDir });
    await migrate(database);
  });
  afterAll(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  it.each(Object.entries(rows))(
    'fill the columns of %s, and come back equal',
    async (table, row) => {
      const columns = await database.select<{ name: string; type: string }>(
        'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
        { table },
      );
      expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
      await database.insertRows(table, columns, [row]);
      const [stored] = await database.select<Record<string, unknown>>(`SELECT * FROM ${table}`);
      // 64-bit and wider columns come back as text.
      const wide = new Set(
        columns.filter(({ type }) => /Int(64|256)/.test(type)).map((c) => c.name),
      );
      const expected = Object.entries(row).map(([name, value]) => [
        name,
        wide.has(name) && value !== null ? String(value) : value,
      ]);
      expect(stored).toEqual(Object.fromEntries(expected));
    },
  );

  it('writes equal details as equal text', () => {
    expect(detailsText({ b: 'two', a: ['1', true] })).toBe('{"a":["1",true],"b":"two"}');
    expect(detailsText({ a: ['1', true], b: 'two' })).toBe('{"a":["1",true],"b":"two"}');
  });

  it('keeps the sign of an observation from the future, and no lag without an observation', () => {
    expect(oracleUpdateRow(oracle)['observation_lag_seconds']).toBe(-4);
    expect(oracleUpdateRow({ ...oracle, observedAt: null })['observation_lag_seconds']).toBeNull();
  });

  it('has no number for a parameter above Int256, and keeps its text', () => {
    const value = 2n ** 256n - 1n;
    const row = parameterChangeRow({ ...parameter, value, valueText: String(value) });
    expect(row['value']).toBeNull();
    expect(row['value_text']).toBe(String(value));
    expect(parameterChangeRow({ ...parameter, value: 2n ** 255n - 1n })['value']).toBe(
      String(2n ** 255n - 1n),
    );
  });
});
