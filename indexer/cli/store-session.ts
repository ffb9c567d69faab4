import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import type { Settings } from '../../schema/settings.ts';
import { createClickHouseStore } from '../store/clickhouse-store.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Shutdown } from './shutdown.ts';

export interface StoreSession {
  readonly database: Database;
  readonly store: EventStore;
}

function connect(settings: Settings): Promise<Database> {
  return openDatabase(
    settings.clickhouseUrl === undefined
      ? { dataDir: settings.dataDirectory }
      : {
          url: settings.clickhouseUrl,
          user: settings.clickhouseUser,
          password: settings.clickhousePassword,
          database: settings.clickhouseDatabase,
        },
  );
}

/** Opens the embedded engine, or the server of CLICKHOUSE_URL, and brings its schema up to date. */
export async function openStore(settings: Settings, shutdown: Shutdown): Promise<StoreSession> {
  const database = await connect(settings);
  shutdown.add(() => database.close());
  await migrate(database);
  return { database, store: createClickHouseStore(database) };
}

/** A second connection to the same store: questions do not queue behind the indexer's inserts. */
export async function openReader(settings: Settings, shutdown: Shutdown): Promise<Database> {
  const database = await connect(settings);
  shutdown.add(() => database.close());
  return database;
}
