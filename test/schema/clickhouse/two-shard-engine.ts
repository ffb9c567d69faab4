import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { openCluster } from '../../../schema/clickhouse/cluster-database.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { engineFolder } from '../../../schema/clickhouse/data-folder.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { settingsClause } from '../../../schema/clickhouse/query-settings.ts';
import { onCluster } from '../../../schema/clickhouse/render.ts';
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
  /** A database spread over both shards, opened as one of a real cluster is. */
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
    openSpread: (name) =>
      openCluster(CLUSTER, name, async (database, settings) => {
        const plain = await openDatabase({ dataDir: data, database });
        await plain.command(`SET ${shardFilters(database)}`);
        const clause = settingsClause(settings);
        if (clause !== '') await plain.command(clause.replace('SETTINGS', 'SET'));
        return oneHost(plain);
      }),
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
function shardFilters(database: string): string {
  const live = database.replace(/_rebuild$/, '');
  const filters = Object.entries({ ...SHARDING, ...SHARDED_VIEWS }).flatMap(([table, sharding]) =>
    [live, `${live}_rebuild`].map(
      (home) =>
        `'${home}.${table}_local': '${inShortStretches(sharding)} % 2 + 1 = shardNum() OR shardNum() = 0'`,
    ),
  );
  return `additional_table_filters = {${filters.join(', ')}}`;
}

/** The one host there is: it does what it would find in its queue, without a keeper. */
function oneHost(plain: Database): Database {
  return {
    kind: plain.kind,
    name: plain.name,
    client: plain.client,
    select: (query, parameters, settings) => plain.select(query, parameters, settings),
    selectBytes: (query, parameters) => plain.selectBytes(query, parameters),
    async command(query, parameters) {
      // There are no other hosts whose queries to end and whose replicas to wait for.
      if (/^(SYSTEM|KILL)/.test(query.trim())) await assertParses(plain, query);
      else await plain.command(onThisHost(query), parameters);
    },
    deleteRows: (table, condition, parameters) =>
      plain.deleteRows(onThisHost(table).replace(`${plain.name}.`, ''), condition, parameters),
    insertRows: (table, columns, rows) => plain.insertRows(table, columns, rows),
    insertChecked: (insert) => plain.insertChecked(insert),
    endWrites: (label) => plain.endWrites(label),
    setAsideDamagedParts: () => plain.setAsideDamagedParts(),
    close: () => plain.close(),
  };
}

/** The engine's own parser takes it. @throws ClickHouseError SYNTAX_ERROR when it does not. */
export async function assertParses(database: Database, statement: string): Promise<string> {
  const [row] = await database.select<{ text: string }>(
    'SELECT formatQuery({statement:String}) AS text',
    { statement },
  );
  return row?.text ?? '';
}

/** What one host of a cluster makes of a rendered statement; tables without a keeper. */
function onThisHost(rendered: string): string {
  return inShortStretches(rendered)
    .replace(` ${onCluster(CLUSTER)}`, '')
    .replace(/ReplicatedMergeTree\([^)]*\)/, 'MergeTree')
    .replace(/(?<!non_)replicated_deduplication_window/, 'non_replicated_deduplication_window');
}

/** So that the few blocks of a test lie on both shards. */
function inShortStretches(sharding: string): string {
  return sharding.replace('(block_number, 10000)', '(block_number, 10)');
}
