/**
 * What the five questions of the project's measures cost on a generated store, through the API as a client would ask, and
 * beside each the plainest SQL over the event tables that says the same.
 *
 *     npx tsx bench/questions.ts --data <folder> [--runs 20] [--seed 1] [--only map,feed-year] [--json] [--no-plain] [--profile]
 *
 * Subjects (position, market, feed, window) are drawn by the seed, one set a run; the first run of each question is not
 * counted. Milliseconds and processor time of statements are the engine's own counters; its peak memory is looked at in
 * runs of their own. --profile prints what each statement of one answer cost instead. See docs/measures.md.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { createApi } from '../api/graphql-handler.ts';
import { openDatabase } from '../schema/clickhouse/connection.ts';
import { FILLED_TABLES } from './generated-store/shape.ts';
import { QUESTIONS } from './questions/asked.ts';
import { EngineMeter } from './questions/engine-meter.ts';
import { profileQuestion } from './questions/profile.ts';
import { measureQuestion, printTable } from './questions/report.ts';
import { drawSubjects, readLongPositions } from './questions/subjects.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: true },
    profile: { type: 'boolean', default: false },
  },
});
if (values.data === undefined) throw new Error('say where: --data <folder>');
const runs = Number(values.runs);
const only = values.only?.split(',');

const database = await openDatabase({ dataDir: values.data });
const watcher = await openDatabase({ dataDir: values.data });
try {
  const rows = await Promise.all(
    FILLED_TABLES.map(async (table) => {
      const [row] = await database.select<{ rows: string }>(`SELECT count() AS rows FROM ${table}`);
      return [table, Number(row?.rows ?? 0)] as const;
    }),
  );
  const [source] = await database.select<{ name: string }>('SELECT name FROM sources LIMIT 1');
  const about = {
    store: source?.name ?? '',
    subjectsSeed: Number(values.seed),
    runs,
    rows: Object.fromEntries(rows),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg(),
    at: new Date().toISOString(),
  };
  if (!values.json) console.log(about);
  const api = createApi({
    database,
    logger: { error: (fields, message) => console.error(message, fields) },
  });
  const positions = await readLongPositions(database, Math.max(200, runs + 1));
  const subjects = drawSubjects(Number(values.seed), runs + 1, positions);
  const asked = QUESTIONS.filter(({ name }) => only?.includes(name) ?? true);
  const meter = new EngineMeter(database);
  const measured = [];
  for (const question of asked) {
    if (values.profile) {
      await profileQuestion({ question, subjects, database, meter });
      continue;
    }
    const bench = { question, subjects, database, watcher, api, meter, withPlain: values.plain };
    const result = await measureQuestion(bench);
    measured.push(result);
    if (!values.json) console.error(`${question.name}: done`);
  }
  if (values.json) console.log(JSON.stringify({ about, measured }, null, 2));
  else if (!values.profile) printTable(measured);
} finally {
  await watcher.close();
  await database.close();
}
process.exit(0);
