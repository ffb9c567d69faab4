/**
 * Runs the first statements of the migrations that a store lacks, as `migrate` would, and is killed
 * before it records any. Arguments: data folder, number of statements.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { splitStatements } from '../../schema/clickhouse/split-statements.ts';

const folder = new URL('../../schema/clickhouse/migrations/', import.meta.url);
const database = await openDatabase({ dataDir: process.argv[2] ?? '' });
const applied = await database.select<{ name: string }>('SELECT name FROM migrations');
const done = new Set(applied.map(({ name }) => name));
const statements = readdirSync(folder)
  .filter((name) => name.endsWith('.sql') && !done.has(name))
  .sort()
  .flatMap((name) => splitStatements(readFileSync(new URL(name, folder), 'utf8')));
for (const statement of statements.slice(0, Number(process.argv[3]))) {
  await database.command(statement);
}
process.stdout.write(`${statements.length}\n`, () => process.kill(process.pid, 'SIGKILL'));
