import type { ClickHouseSettings } from '@clickhouse/client';
import { OperatorError, UsageError } from '../errors.ts';
import type { Database } from './database.ts';

/** One cluster, as `system.clusters` of the server we talk to describes it. */
export interface Cluster {
  readonly name: string;
  /** Replicas of each shard. */
  readonly replicas: number;
  /** Weight of each shard, in order: with their number it decides where a row lives. */
  readonly weights: readonly number[];
}

/** @throws UsageError when it is no cluster name: it goes into DDL as text. */
export function assertClusterName(name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/.test(name)) return;
  throw new UsageError('That is not a cluster name.', {
    facts: { cluster: name.slice(0, 80) },
    remedy: 'Use letters, digits, _ . and - (CLICKHOUSE_CLUSTER).',
  });
}

/** @throws OperatorError when the server knows no such cluster, or its shards differ in replicas. */
export async function describeCluster(
  database: Pick<Database, 'select'>,
  cluster: string,
): Promise<Cluster> {
  const shards = await database.select<{ weight: number; replicas: string }>(
    `SELECT any(shard_weight) AS weight, count() AS replicas FROM system.clusters
     WHERE cluster = {cluster:String} GROUP BY shard_num ORDER BY shard_num`,
    { cluster },
  );
  const replicas = Number(shards[0]?.replicas ?? 0);
  if (replicas > 0 && shards.every((shard) => Number(shard.replicas) === replicas)) {
    return { name: cluster, replicas, weights: shards.map((shard) => Number(shard.weight)) };
  }
  throw new OperatorError(
    replicas === 0
      ? 'The ClickHouse server knows no cluster of that name.'
      : 'The shards of the cluster differ in their number of replicas.',
    {
      facts: { cluster },
      remedy:
        'Compare CLICKHOUSE_CLUSTER with `SELECT * FROM system.clusters` (docs/scale.md shows the servers’ configuration).',
    },
  );
}

/** What a store is made for: rows lie where they do because of it. Kept as the database's comment. */
export function layoutComment({ weights }: Pick<Cluster, 'weights'>): string {
  return `bulkhead: shards of weight ${weights.join(', ')}`;
}

/** @throws OperatorError when the store was made for other shards: rows would be looked for where they are not. */
export function assertSameLayout(held: string, cluster: Cluster): void {
  const wanted = layoutComment(cluster);
  if (held === wanted) return;
  throw new OperatorError('The store was made for another layout of the cluster.', {
    facts: { cluster: cluster.name, held: held === '' ? 'no cluster' : held, found: wanted },
    remedy:
      'Restore the shards and weights it was made for, or move it into a new database (docs/scale.md, "More shards").',
  });
}

/**
 * Settings of every statement on a cluster. An insert returns when each replica of its shards has
 * the rows, DDL and deletes when each host has done them: so whatever replica is asked next has seen
 * them, and writing needs every host up while reading needs one replica a shard.
 */
export function clusterSettings({ replicas }: Pick<Cluster, 'replicas'>): ClickHouseSettings {
  return {
    distributed_foreground_insert: 1,
    insert_quorum: replicas > 1 ? String(replicas) : '0',
    insert_quorum_parallel: 1,
    // Longer than any of our inserts takes, shorter than the client waits.
    insert_quorum_timeout: 120_000,
    // A whole answer or none.
    skip_unavailable_shards: 0,
    // A replica that catches up after a rest is not asked before it has done so.
    max_replica_delay_for_distributed_queries: '30',
    fallback_to_stale_replicas_for_distributed_queries: 0,
    // The right side of a JOIN or IN is computed once and sent to the shards: not every pair of
    // tables is spread by the same key.
    distributed_product_mode: 'global',
    // A question about one position goes to its shard only.
    optimize_skip_unused_shards: 1,
    // Rows that are copied from table to table go where the sharding of their new table says, not from
    // each shard's rows to the same shard's.
    parallel_distributed_insert_select: '0',
    distributed_ddl_task_timeout: '240',
    distributed_ddl_output_mode: 'throw',
    alter_sync: '2',
  };
}
