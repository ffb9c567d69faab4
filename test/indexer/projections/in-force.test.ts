import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InForce } from '../../../indexer/projections/in-force.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { parameterChangeRow } from '../../../schema/clickhouse/rows.ts';
import type { ParameterChange, ParameterSource } from '../../../schema/events/parameter.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';
import { place } from './synthetic-events.ts';

function change(block: number, source: ParameterSource, value: bigint): ParameterChange {
  return {
    ...place(block),
    kind: 'parameter',
    type: 'ParameterChanged',
    market: '0xmarket',
    name: 'minCollateralFactor',
    value,
    valueText: value.toString(),
    baseKey: source === 'EVENT' ? '0xbase' : '',
    keyData: source === 'EVENT' ? '0xdata' : '',
    source,
  };
}

const HISTORIES: readonly [string, bigint, readonly ParameterChange[]][] = [
  ['a published value where nothing else is known', 1n, [change(1, 'SNAPSHOT', 1n)]],
  ['an event after it', 2n, [change(1, 'SNAPSHOT', 1n), change(2, 'EVENT', 2n)]],
  ['an event before it', 2n, [change(1, 'EVENT', 2n), change(2, 'SNAPSHOT', 1n)]],
  ['the last event', 3n, [2, 3].map((n) => change(n, 'EVENT', BigInt(n)))],
  ['a manifest after an event', 1n, [change(1, 'EVENT', 2n), change(2, 'MANIFEST', 1n)]],
  ['an event after a manifest', 2n, [change(1, 'MANIFEST', 1n), change(2, 'EVENT', 2n)]],
];

describe('parameters in force', () => {
  const folder = temporaryFolder('in-force');
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

  it.each(HISTORIES)('are %s, going on and after a restart', async (_name, expected, history) => {
    const goingOn = new InForce();
    for (const event of history) goingOn.apply(event);
    const chainId = 1 + HISTORIES.findIndex(([, , other]) => other === history);
    const rows = history.map((event) => parameterChangeRow({ ...event, chainId }));
    await store.append('parameter_changes', rows);
    const restarted = new InForce();
    await restarted.restore(store, chainId);
    for (const inForce of [goingOn, restarted]) {
      expect([...inForce.contextOf('gmx-v2').parameters]).toEqual([
        ['0xmarket:minCollateralFactor', expected],
      ]);
    }
  });
});
