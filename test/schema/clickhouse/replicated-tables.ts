/**
 * Makes every table of the migrations replicated, as one host of a cluster would, and prints what
 * the engine holds of them. Has to be killed: the engine does not end while it waits for its keeper.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationStatements } from '../../../schema/clickhouse/migrate.ts';
import { renderStatement } from '../../../schema/clickhouse/render.ts';
import { CLUSTER, startTwoShardEngine } from './two-shard-engine.ts';

const engine = startTwoShardEngine(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'replicated-')));
const database = await engine.openPlain('replicated');
const made = migrationStatements().filter((statement) => /\bCREATE TABLE\b/.test(statement));
for (const [index, statement] of made.entries()) {
  const [local = ''] = renderStatement(statement, { cluster: CLUSTER, database: 'replicated' });
  // Every host gets the table's UUID with ON CLUSTER, which only a server works.
  const uuid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  await database.command(local.replace(` ON CLUSTER '${CLUSTER}'`, ` UUID '${uuid}'`));
}
await database.command(
  "CREATE TABLE blocks_copy UUID '00000000-0000-4000-9000-000000000000' AS blocks_local",
);
await database.command('EXCHANGE TABLES blocks_copy AND blocks_local');
const tables = await database.select(
  `SELECT name, engine_full FROM system.tables WHERE database = 'replicated' ORDER BY name`,
);
process.stdout.write(`${JSON.stringify({ made: made.length, tables })}\n`);
setInterval(() => {}, 1_000);
