import { createHash } from 'node:crypto';
import { createApi } from '../../api/graphql-handler.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { keepingLogger, rawAskOf } from './crash-store.ts';

/** Prints a hash of each answer of a store, for a test that compares processes: folder, then queries as JSON. */
const [folder = '', queries = '[]'] = process.argv.slice(2);
const database = await openDatabase({ dataDir: folder });
const ask = rawAskOf(createApi({ database, logger: keepingLogger() }));
// The other way round: what a process answered before must not show.
const hashes: string[] = [];
for (const query of (JSON.parse(queries) as string[]).toReversed()) {
  hashes.unshift(
    createHash('sha256')
      .update(await ask(query))
      .digest('hex'),
  );
}
process.stdout.write(`${hashes.join('\n')}\n`);
await database.close();
