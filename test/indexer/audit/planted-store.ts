import type { AuditRequest, ChainAudit } from '../../../indexer/audit/audit-chain.ts';
import { auditChain } from '../../../indexer/audit/audit-chain.ts';
import { type ChainPlan, planArchive } from '../../../indexer/pipeline/chain-plan.ts';
import { indexChain } from '../../../indexer/pipeline/index-chain.ts';
import { startReplayProcess } from '../../../indexer/replay/replay-process.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import { HypersyncSource } from '../../../indexer/source/hypersync-source.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';

/** Each becomes a commit of either stage; traders begin at block 437. */
export const COMMIT_ENDS = [436, 470, 500, 530, 560, 590];

const TABLES = [...EVIDENCE_TABLES, ...DERIVED_TABLES, 'commits', 'reversible_blocks'];

/** A small store indexed from the bundled archive, in which faults are planted and taken back. */
export interface PlantedStore {
  readonly database: Database;
  readonly plan: ChainPlan;
  /** Requests of the audit's source go here. */
  readonly endpoint: HypersyncEndpoint;
  audit(change?: Partial<AuditRequest>): Promise<ChainAudit>;
  /** Deletes rows. */
  remove(table: string, condition: string): Promise<void>;
  /** Stores rows once more. */
  double(table: string, condition: string): Promise<void>;
  /** Gives columns of rows another value. @example { size_usd: 'size_usd + 1' } */
  change(table: string, condition: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** Brings every table back to what was indexed. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function openPlantedStore(): Promise<PlantedStore> {
  const folder = temporaryFolder('planted');
  const replay = await startReplayProcess(ARCHIVE);
  const plan = planArchive(replay.manifest);
  const access = { url: replay.url, token: 'any', expectedChainId: plan.source.chainId };
  const database = await openDatabase({ dataDir: folder.path });
  await migrate(database);
  const store = createClickHouseStore(database);
  const signal = new AbortController().signal;
  const source = new HypersyncSource({ ...access, includeAllBlocks: true });
  for (const toBlock of COMMIT_ENDS) {
    await indexChain({ plan, source, store, fromBlock: 0, toBlock, signal });
  }
  for (const table of TABLES) {
    await database.command(`CREATE TABLE sound_${table} AS ${table}`);
    await database.command(`INSERT INTO sound_${table} SELECT * FROM ${table}`);
  }
  const touched = new Set<string>();
  const endpoint = new HypersyncEndpoint(access);
  return {
    database,
    plan,
    endpoint,
    audit: (change = {}) =>
      auditChain({
        store,
        chainId: plan.source.chainId,
        chain: plan.source.chain,
        plan,
        source: { notAsked: 'not in this test' },
        sample: 0,
        seed: null,
        signal,
        ...change,
      }),
    remove: async (table, condition) => {
      touched.add(table);
      await database.deleteRows(table, condition, {});
    },
    double: async (table, condition) => {
      touched.add(table);
      await database.command(
        `INSERT INTO ${table} SELECT * FROM sound_${table} WHERE ${condition}`,
      );
    },
    change: async (table, condition, values) => {
      touched.add(table);
      const replaced = Object.entries(values).map(([column, value]) => `${value} AS ${column}`);
      await database.deleteRows(table, condition, {});
      await database.command(
        `INSERT INTO ${table} SELECT * REPLACE(${replaced.join(', ')}) FROM (SELECT * FROM sound_${table} WHERE ${condition})`,
      );
    },
    restore: async () => {
      for (const table of touched) {
        await database.command(`TRUNCATE TABLE ${table}`);
        await database.command(`INSERT INTO ${table} SELECT * FROM sound_${table}`);
      }
      touched.clear();
    },
    close: async () => {
      await database.close();
      await replay.close();
      folder.remove();
    },
  };
}
