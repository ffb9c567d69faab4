import type { createApi } from '../../api/graphql-handler.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { engineErrorType } from '../../schema/clickhouse/engine-errors.ts';
import type { Question } from './asked.ts';
import { type Cost, type EngineMeter, peakBytes } from './engine-meter.ts';
import type { Subject } from './subjects.ts';

/** The plain statements get more than the API's, and are ended then. */
const PLAIN_LIMITS = { max_execution_time: 60, max_memory_usage: '6000000000' } as const;
const PLAIN_RUNS = 3;
const MEMORY_RUNS = 3;

export interface QuestionBench {
  readonly question: Question;
  /** The first one warms up. */
  readonly subjects: readonly Subject[];
  readonly database: Database;
  /** A second connection to the same folder. */
  readonly watcher: Database;
  readonly api: ReturnType<typeof createApi>;
  readonly meter: EngineMeter;
  readonly withPlain: boolean;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly answerMs: Spread;
  readonly serverMs: Spread;
  readonly serverCpuMs: Spread;
  readonly processCpuMs: Spread;
  readonly statements: Spread;
  readonly rowsRead: Spread;
  readonly bytes: Spread;
  readonly peakMegabytes: number;
  /** Answers that were refused or failed, by their message. */
  readonly failures: Readonly<Record<string, number>>;
  readonly plain: PlainMeasured | null;
}

interface PlainMeasured {
  /** Why it did not end; '' when it did. */
  readonly failure: string;
  readonly serverMs: Spread;
  readonly serverCpuMs: Spread;
  readonly rowsRead: Spread;
  readonly peakMegabytes: number;
}

export async function measureQuestion(bench: QuestionBench): Promise<Measured> {
  const { question, subjects, meter, watcher, withPlain } = bench;
  const failures: Record<string, number> = {};
  const ask = async (subject: Subject) => {
    const { bytes, failure } = await askOnce(bench, question.ask(subject));
    if (failure !== '') failures[failure] = (failures[failure] ?? 0) + 1;
    return { bytes };
  };
  const [first, ...counted] = subjects;
  if (!first) throw new RangeError('no subjects');
  await askOnce(bench, question.ask(first));
  const costs: Cost[] = [];
  for (const subject of counted) costs.push(await meter.costOf(() => ask(subject)));
  let peak = 0;
  for (const subject of counted.slice(0, MEMORY_RUNS)) {
    peak = Math.max(peak, await peakBytes(watcher, () => askOnce(bench, question.ask(subject))));
  }
  const spread = (of: (cost: Cost) => number) => spreadOf(costs.map(of));
  return {
    name: question.name,
    title: question.title,
    answerMs: spread((cost) => cost.answerMs),
    serverMs: spread((cost) => cost.serverMs),
    serverCpuMs: spread((cost) => cost.serverCpuMs),
    processCpuMs: spread((cost) => cost.processCpuMs),
    statements: spread((cost) => cost.statements),
    rowsRead: spread((cost) => cost.rowsRead),
    bytes: spread((cost) => cost.bytes),
    peakMegabytes: peak / 1e6,
    failures,
    plain: withPlain ? await measurePlain(bench) : null,
  };
}

async function askOnce(
  { api }: QuestionBench,
  query: string,
): Promise<{ readonly bytes: number; readonly failure: string }> {
  const response = await api.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const { errors } = JSON.parse(text) as { readonly errors?: readonly { message: string }[] };
  return { bytes: text.length, failure: errors?.[0]?.message ?? '' };
}

async function measurePlain(bench: QuestionBench): Promise<PlainMeasured> {
  const { question, subjects, meter, database, watcher } = bench;
  const costs: Cost[] = [];
  let failure = '';
  const run = async (subject: Subject) => {
    const { sql, parameters } = question.plain;
    try {
      const rows = await database.select(sql, parameters(subject), PLAIN_LIMITS);
      return { bytes: rows.length };
    } catch (error) {
      failure = engineErrorType(error) ?? String(error).slice(0, 80);
      return { bytes: 0 };
    }
  };
  const counted = subjects.slice(1, 1 + PLAIN_RUNS);
  for (const subject of counted) {
    costs.push(await meter.costOf(() => run(subject)));
    if (failure !== '') break;
  }
  const [first] = counted;
  const peak = first && failure === '' ? await peakBytes(watcher, () => run(first)) : 0;
  return {
    failure,
    serverMs: spreadOf(costs.map((cost) => cost.serverMs)),
    serverCpuMs: spreadOf(costs.map((cost) => cost.serverCpuMs)),
    rowsRead: spreadOf(costs.map((cost) => cost.rowsRead)),
    peakMegabytes: peak / 1e6,
  };
}

/** Nearest rank. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

const COLUMNS: readonly (readonly [
  title: string,
  width: number,
  cell: (row: Measured) => string,
])[] = [
  ['question', 15, ({ name }) => name],
  ['answer ms', 12, ({ answerMs }) => pair(answerMs)],
  ['server ms', 12, ({ serverMs }) => pair(serverMs)],
  ['server cpu', 12, ({ serverCpuMs }) => pair(serverCpuMs)],
  ['all cpu', 12, ({ processCpuMs }) => pair(processCpuMs)],
  ['peak MB', 8, ({ peakMegabytes }) => peakMegabytes.toFixed(1)],
  ['stmts', 6, ({ statements }) => statements.p50.toFixed(0)],
  ['k rows read', 12, ({ rowsRead }) => (rowsRead.p50 / 1000).toFixed(0)],
  ['plain ms', 12, ({ plain }) => (plain ? plain.failure || pair(plain.serverMs) : '')],
  ['plain cpu', 12, ({ plain }) => (plain ? pair(plain.serverCpuMs) : '')],
  ['plain MB', 9, ({ plain }) => (plain ? plain.peakMegabytes.toFixed(0) : '')],
];

function pair({ p50, p95 }: Spread): string {
  return `${p50.toFixed(0)}/${p95.toFixed(0)}`;
}

/** p50/p95 by nearest rank. */
export function printTable(rows: readonly Measured[]): void {
  console.log(COLUMNS.map(([title, width]) => title.padStart(width)).join(' '));
  for (const row of rows) {
    console.log(COLUMNS.map(([, width, cell]) => cell(row).padStart(width)).join(' '));
    for (const [failure, times] of Object.entries(row.failures)) {
      console.log(`  ${times} answers refused: ${failure}`);
    }
  }
}
