import type { ClickHouseSettings } from '@clickhouse/client';
import {
  assertClusterName,
  assertSameLayout,
  type Cluster,
  clusterSettings,
  describeCluster,
  layoutComment,
} from './cluster.ts';
import type { CheckedInsert, Database, QueryParameters } from './database.ts';
import type { InsertColumn, InsertRow } from './json-rows.ts';
import { END_WRITES, lateWrites } from './late-writes.ts';
import { type ClusterTarget, onCluster, renderStatement, rowsOnCluster } from './render.ts';
import { SHARDING } from './render-sharding.ts';

/** Opens one host of a cluster: a database of it, with these settings for every statement. */
export type OpenHost = (name: string, settings: ClickHouseSettings) => Promise<Database>;

/**
 * Opens a database that is spread over a cluster, by whichever host answers, and makes it where it is
 * missing. When this returns, no host has older DDL or deletes of ours still before it: each works
 * its queue in order.
 * @throws UsageError on a bad name; OperatorError when the host knows no such cluster, or the database
 * was made for other shards.
 */
export async function openCluster(
  cluster: string,
  name: string,
  openHost: OpenHost,
): Promise<Database> {
  assertClusterName(cluster);
  const setup = await openHost('default', {});
  try {
    const shape = await describeCluster(setup, cluster);
    await setup.command(
      `CREATE DATABASE IF NOT EXISTS ${name} ${onCluster(cluster)}
       ENGINE = Atomic COMMENT '${layoutComment(shape)}'`,
    );
    const [held] = await setup.select<{ comment: string }>(
      'SELECT comment FROM system.databases WHERE name = {name:String}',
      { name },
    );
    assertSameLayout(held?.comment ?? '', shape);
    return new ClusterDatabase(await openHost(name, clusterSettings(shape)), shape);
  } finally {
    await setup.close();
  }
}

/** Reads and inserts go through Distributed tables; what makes tables or deletes rows is rendered. */
class ClusterDatabase implements Database {
  readonly kind: Database['kind'];
  readonly name: string;
  readonly client: Database['client'];
  readonly #host: Database;
  readonly #target: ClusterTarget;

  constructor(host: Database, cluster: Cluster) {
    this.kind = host.kind;
    this.name = host.name;
    this.client = host.client;
    this.#host = host;
    this.#target = { cluster: cluster.name, database: host.name };
  }

  select<T>(
    query: string,
    parameters?: QueryParameters,
    settings?: ClickHouseSettings,
  ): Promise<T[]> {
    return this.#host.select<T>(query, parameters, settings);
  }

  selectBytes(query: string, parameters?: QueryParameters): Promise<Buffer> {
    return this.#host.selectBytes(query, parameters);
  }

  async command(query: string, parameters?: QueryParameters): Promise<void> {
    for (const statement of renderStatement(query, this.#target)) {
      await this.#host.command(statement, parameters);
    }
  }

  deleteRows(
    table: string,
    condition: string,
    parameters: QueryParameters,
    label?: string,
  ): Promise<void> {
    return this.#host.deleteRows(rowsOnCluster(table, this.#target), condition, parameters, label);
  }

  insertRows(
    table: string,
    columns: readonly InsertColumn[],
    rows: readonly InsertRow[],
    label?: string,
  ): Promise<void> {
    return this.#host.insertRows(table, columns, rows, label);
  }

  insertChecked(insert: CheckedInsert, label?: string): Promise<void> {
    return this.#host.insertChecked(insert, label);
  }

  /** What an ended insert left on one replica shows on all of them afterwards. */
  async endWrites(label: string): Promise<void> {
    await this.command(END_WRITES, lateWrites(this.name, label));
    const tables = await this.select<{ name: string }>(
      `SELECT name FROM system.tables
       WHERE database = {name:String} AND engine = 'Distributed' AND name IN {known:Array(String)}`,
      { name: this.name, known: Object.keys(SHARDING) },
    );
    for (const { name } of tables) await this.command(`SYSTEM SYNC REPLICA ${name}`);
  }

  /** The parts of a replicated table are looked after by its replicas. */
  async setAsideDamagedParts(): Promise<readonly string[]> {
    return [];
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
