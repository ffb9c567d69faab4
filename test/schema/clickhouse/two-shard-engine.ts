import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { clusterSettings } from '../../../schema/clickhouse/cluster.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { engineFolder } from '../../../schema/clickhouse/data-folder.ts';
import type { Database, QueryParameters } from '../../../schema/clickhouse/database.ts';
import { onCluster, renderStatement } from '../../../schema/clickhouse/render.ts';
import { SHARDED_VIEWS, SHARDING } from '../../../schema/clickhouse/render-sharding.ts';

export const CLUSTER = 'two';

/**
 * Both shards are this very engine, which knows itself by two addresses and asks itself without a
 * network. A keeper in memory lets it make replicated tables (they stay read-only).
 */
const CONFIGURATION = `<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers><${CLUSTER}>
    <shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
    <shard><internal_replication>true</internal_replication><replica><host>localhost</host><port>9000</port></replica></shard>
  </${CLUSTER}></remote_servers>
  <macros><shard>1</shard><replica>r1</replica></macros>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
</clickhouse>`;

export interface TwoShardEngine {
  /** A connection to a database spread over both shards by the cluster's rendering. */
  openSpread(name: string): Promise<Database>;
  /** A plain connection to the same engine. */
  openPlain(name: string): Promise<Database>;
  close(): Promise<void>;
}

/** Starts the embedded engine of this process over a folder (its own, unless given) as a cluster. */
export function startTwoShardEngine(dataDir?: string): TwoShardEngine {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-shards-'));
  const configuration = join(folder, 'configuration.xml');
  writeFileSync(configuration, CONFIGURATION);
  const data = dataDir ?? join(folder, 'data');
  mkdirSync(engineFolder(data), { recursive: true });
  // The first connection of a process starts the engine, and only it takes a configuration.
  const first = new Session(engineFolder(data), {
    connectionArgs: [`--config-file=${configuration}`],
  });
  return {
    openPlain: (name) => openDatabase({ dataDir: data, database: name }),
    async openSpread(name) {
      const plain = await openDatabase({ dataDir: data, database: name });
      await plain.command(`SET ${sessionSettings(name)}`);
      return spreadOver(plain);
    },
    async close() {
      first.cleanup();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A shard's question sees only the rows that belong to it, though both shards keep theirs in one
 * table: rows are told apart by the very expression that placed them.
 */
function sessionSettings(database: string): string {
  const filters = Object.entries({ ...SHARDING, ...SHARDED_VIEWS }).map(
    ([table, sharding]) =>
      `'${database}.${table}_local': '${inShortStretches(sharding)} % 2 + 1 = shardNum() OR shardNum() = 0'`,
  );
  const settings = Object.entries(clusterSettings({ replicas: 2, weights: [1, 1] })).map(
    ([name, value]) => `${name} = '${value}'`,
  );
  return [`additional_table_filters = {${filters.join(', ')}}`, ...settings].join(', ');
}

function spreadOver(plain: Database): Database {
  const command = async (query: string, parameters: QueryParameters = {}): Promise<void> => {
    const target = { cluster: CLUSTER, database: plain.name };
    for (const rendered of renderStatement(query, target)) {
      await plain.command(onThisHost(rendered), parameters);
    }
  };
  return {
    kind: plain.kind,
    name: plain.name,
    client: plain.client,
    select: (query, parameters, settings) => plain.select(query, parameters, settings),
    selectBytes: (query, parameters) => plain.selectBytes(query, parameters),
    command,
    deleteRows: (table, condition, parameters) =>
      command(`DELETE FROM ${table} WHERE ${condition}`, parameters),
    insertRows: (table, columns, rows) => plain.insertRows(table, columns, rows),
    insertChecked: (insert) => plain.insertChecked(insert),
    endWrites: (label) => plain.endWrites(label),
    setAsideDamagedParts: () => plain.setAsideDamagedParts(),
    close: () => plain.close(),
  };
}

/** So that the few blocks of a test lie on both shards. */
function inShortStretches(sharding: string): string {
  return sharding.replace('(block_number, 10000)', '(block_number, 10)');
}

/** What one host of a cluster makes of a rendered statement; tables without a keeper. */
export function onThisHost(rendered: string): string {
  return inShortStretches(rendered)
    .replace(` ${onCluster(CLUSTER)}`, '')
    .replace(/ReplicatedMergeTree\([^)]*\)/, 'MergeTree')
    .replace(
      'SETTINGS replicated_deduplication_window',
      'SETTINGS non_replicated_deduplication_window',
    );
}
