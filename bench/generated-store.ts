/**
 * Makes a store of drawn data for measuring: a year of 20 markets and 55 feeds, at scale 1 with 100 million oracle
 * updates, 5 million position events, 200,000 positions and the rows that follow from them (states, counters,
 * liquidations, the ledger of levels, hourly spreads). One seed and scale give the same rows (of
 * spreads, but for last digits).
 *
 *     npx tsx bench/generated-store.ts --data <folder> [--scale 0.01] [--seed 1] [--digests] [--before events]
 *
 * The folder must be new, or one that an earlier run has begun: a run that was ended goes on. What is like real data
 * and what is not stands in docs/measures.md.
 */
import { parseArgs } from 'node:util';
import { openDatabase } from '../schema/clickhouse/connection.ts';
import { migrate } from '../schema/clickhouse/migrate.ts';
import { generateStore } from './generated-store/generate-store.ts';
import { FILLED_TABLES } from './generated-store/shape.ts';
import { readTableDigests } from './generated-store/table-digests.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    scale: { type: 'string', default: '0.01' },
    seed: { type: 'string', default: '1' },
    digests: { type: 'boolean', default: false },
    before: { type: 'string' },
  },
});
if (values.data === undefined) throw new Error('say where: --data <folder>');

const database = await openDatabase({ dataDir: values.data });
try {
  await migrate(database);
  const startedAt = performance.now();
  await generateStore({
    database,
    seed: Number(values.seed),
    scale: Number(values.scale),
    before: values.before,
    onStep: (step, seconds, cpuSeconds) => {
      const cpu = cpuSeconds.toFixed(1).padStart(7);
      console.log(`${step.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s, cpu ${cpu} s`);
    },
  });
  console.log(
    `${'all'.padEnd(24)} ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s`,
  );
  for (const table of FILLED_TABLES) {
    const [size] = await database.select<{ rows: string; bytes: string }>(
      `SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
       WHERE active AND database = currentDatabase() AND table = {table:String}`,
      { table },
    );
    const megabytes = (Number(size?.bytes ?? 0) / 1e6).toFixed(1);
    console.log(
      `${table.padEnd(24)} ${(size?.rows ?? '0').padStart(11)} rows ${megabytes.padStart(9)} MB`,
    );
  }
  if (values.digests) {
    for (const [table, digest] of await readTableDigests(database))
      console.log(`${table.padEnd(24)} ${digest}`);
  }
} finally {
  await database.close();
}
process.exit(0);
