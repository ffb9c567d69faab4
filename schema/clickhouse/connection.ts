import { UsageError } from '../errors.ts';
import { openCluster } from './cluster-database.ts';
import type { Database } from './database.ts';
import { type EmbeddedOptions, openEmbedded } from './embedded-database.ts';
import { openServer, type ServerOptions } from './server-database.ts';

export type DatabaseOptions = EmbeddedOptions | ServerOptions;

/**
 * Opens the database: embedded over a folder (`dataDir`), on a server (`url`), or
 * spread over the cluster that a server belongs to (`url` and `cluster`). The tables are made by `migrate`.
 * @throws UsageError on a bad name or URL; OperatorError when a person must act (folder in use, not
 * writable, disk nearly full, server unreachable, password refused).
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  // The name goes into SQL as an identifier, which cannot be bound.
  if (options.database !== undefined && !/^[a-z_][a-z0-9_]{0,63}$/i.test(options.database)) {
    throw new UsageError('That is not a database name.', {
      facts: { database: options.database.slice(0, 80) },
      remedy: 'Use letters, digits and _ (CLICKHOUSE_DATABASE).',
    });
  }
  if (!('url' in options)) return openEmbedded(options);
  if (options.cluster === undefined) return openServer(options);
  return openCluster(options.cluster, options.database ?? 'bulkhead', (database, settings) =>
    openServer({ ...options, database, settings }),
  );
}
