import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

const PACKED = fileURLToPath(
  new URL('../../fixtures/first-release-store/crash-to-500.tar.gz', import.meta.url),
);

/** A data folder as the first release left it: the crash archive up to block 500. */
export function unpackFirstRelease(): { readonly path: string; remove(): void } {
  const folder = temporaryFolder('first-release');
  execFileSync('tar', ['-xzf', PACKED, '-C', folder.path]);
  return folder;
}

export interface OldStore {
  readonly path: string;
  readonly database: Database;
  readonly store: EventStore;
  readonly openBeside: (name: string) => Promise<Database>;
  close(): Promise<void>;
}

/** That store with the tables of today, its rows still those of the first release. */
export async function openFirstRelease(): Promise<OldStore> {
  const { path, remove } = unpackFirstRelease();
  const database = await openDatabase({ dataDir: path });
  await migrate(database);
  return {
    path,
    database,
    store: createClickHouseStore(database),
    openBeside: (name) => openDatabase({ dataDir: path, database: name }),
    async close() {
      await database.close();
      remove();
    },
  };
}
