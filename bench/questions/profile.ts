import { createApi } from '../../api/graphql-handler.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import type { Question } from './asked.ts';
import type { EngineMeter, StatementCost } from './engine-meter.ts';
import type { Subject } from './subjects.ts';

/** Prints what each statement of one answer cost, the dearest first, and what was not statements. */
export async function profileQuestion(request: {
  readonly question: Question;
  readonly subjects: readonly Subject[];
  readonly database: Database;
  readonly meter: EngineMeter;
}): Promise<void> {
  const { question, subjects, meter } = request;
  const costs: StatementCost[] = [];
  const api = createApi({
    database: meter.profiling(costs),
    logger: { error: (fields, message) => console.error(message, fields) },
  });
  const ask = async (subject: Subject | undefined) => {
    if (!subject) return;
    const response = await api.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: question.ask(subject) }),
    });
    const text = await response.text();
    if (text.includes('"errors"')) console.log(`  ${text.slice(0, 300)}`);
  };
  await ask(subjects[0]);
  costs.length = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await ask(subjects[1]);
  const { user, system } = process.cpuUsage(before);
  const sum = (of: (cost: StatementCost) => number) =>
    costs.reduce((all, cost) => all + of(cost), 0);
  console.log(
    `\n${question.name}: ${(performance.now() - startedAt).toFixed(0)} ms, cpu ${((user + system) / 1000).toFixed(0)} ms; ` +
      `${costs.length} statements ${sum((cost) => cost.serverMs).toFixed(0)} ms, cpu ${sum((cost) => cost.serverCpuMs).toFixed(0)} ms`,
  );
  for (const cost of costs.toSorted((a, b) => b.serverCpuMs - a.serverCpuMs).slice(0, 6)) {
    const firstLine = cost.sql.split('\n').find((line) => line.trim() !== '') ?? '';
    console.log(
      `  ${cost.serverMs.toFixed(0).padStart(6)} ms  cpu ${cost.serverCpuMs.toFixed(0).padStart(6)} ms  ` +
        `${cost.rowsRead.toString().padStart(11)} rows  ${firstLine.slice(0, 90)}`,
    );
  }
}
