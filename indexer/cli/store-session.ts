import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import type { Settings } from '../../schema/settings.ts';
import { finishSwap } from '../rebuild/swap.ts';
import type { WriterGuard } from '../store/chain-writer.ts';
import { createClickHouseStore } from '../store/clickhouse-store.ts';
import type { EventStore } from '../store/event-store.ts';
import { changeStructure } from '../store/structure-lease.ts';
import { WriterLeases } from '../store/writer-lease.ts';
import type { Shutdown } from './shutdown.ts';

export interface StoreSession {
  readonly database: Database;
  readonly store: EventStore;
  /** Who may write the chains; null where no other process can. */
  readonly guard: WriterGuard | null;
}

/** `name`: a database beside the store's own. */
export function connect(settings: Settings, name?: string): Promise<Database> {
  return openDatabase(
    settings.clickhouseUrl === undefined
      ? { dataDir: settings.dataDirectory, database: name }
      : {
          url: settings.clickhouseUrl,
          user: settings.clickhouseUser,
          password: settings.clickhousePassword,
          database: name ?? settings.clickhouseDatabase,
          cluster: settings.clickhouseCluster,
        },
  );
}

/** Opens the embedded engine, or the server of CLICKHOUSE_URL, and brings its schema up to date. */
export async function openStore(settings: Settings, shutdown: Shutdown): Promise<StoreSession> {
  const database = await connect(settings);
  shutdown.add(() => database.close());
  // Before anything reads or migrates: a rebuild that was stopped amid its swap is ended first.
  await finishSwap(database);
  // A data folder belongs to one process as it is; a server is open to several.
  if (database.kind === 'embedded') await migrate(database);
  else await migrate(database, undefined, (work) => changeStructure(database, work));
  const leases = database.kind === 'server' ? new WriterLeases(database) : null;
  if (leases) shutdown.add(() => leases.release());
  return { database, store: createClickHouseStore(database, leases), guard: leases };
}

/** A second connection to the same store: questions do not queue behind the indexer's inserts. */
export async function openReader(settings: Settings, shutdown: Shutdown): Promise<Database> {
  const database = await connect(settings);
  shutdown.add(() => database.close());
  return database;
}
