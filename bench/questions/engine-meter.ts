import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { Reader } from '../../api/queries/stored-query.ts';
import type { Database, QueryParameters } from '../../schema/clickhouse/database.ts';

/** What one answer cost. */
export interface Cost {
  /** From asking to the last byte. */
  readonly answerMs: number;
  /** The engine's own clock, summed over the statements: each is parsed, planned, run and formatted. */
  readonly serverMs: number;
  /** Processor time of the engine's threads; on a machine with other work the figure to trust. */
  readonly serverCpuMs: number;
  /** Processor time of the whole process: the engine's and ours. */
  readonly processCpuMs: number;
  readonly statements: number;
  readonly rowsRead: number;
  /** Bytes of the answer. */
  readonly bytes: number;
}

/** A statement as the API sent it, with the engine's clock for it alone. */
export interface StatementCost {
  readonly sql: string;
  readonly serverMs: number;
  readonly serverCpuMs: number;
  readonly rowsRead: number;
}

interface Counters {
  readonly statements: number;
  readonly micros: number;
  readonly cpuMicros: number;
  readonly rows: number;
}

/**
 * What statements cost, by the counters that the engine keeps of its one user (system.user_processes): the embedded
 * engine has no query log. Nothing else may use the engine meanwhile.
 */
export class EngineMeter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async costOf(ask: () => Promise<{ readonly bytes: number }>): Promise<Cost> {
    const before = await this.#counters();
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const { bytes } = await ask();
    const answerMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuBefore);
    const after = await this.#counters();
    return {
      answerMs,
      // The look at the counters before is itself counted behind it.
      serverMs: (after.micros - before.micros) / 1000,
      serverCpuMs: (after.cpuMicros - before.cpuMicros) / 1000,
      processCpuMs: (cpu.user + cpu.system) / 1000,
      statements: after.statements - before.statements - 1,
      rowsRead: after.rows - before.rows,
      bytes,
    };
  }

  /** A reader that notes each statement by itself: slower, as it looks at the counters around each. */
  profiling(costs: StatementCost[]): Reader {
    let queue: Promise<unknown> = Promise.resolve();
    return {
      select: <T>(sql: string, ...rest: [QueryParameters?, ClickHouseSettings?]) => {
        const run = queue.then(async () => {
          const before = await this.#counters();
          try {
            return await this.#database.select<T>(sql, ...rest);
          } finally {
            // Those that fail cost something too.
            const after = await this.#counters();
            costs.push({
              sql,
              serverMs: (after.micros - before.micros) / 1000,
              serverCpuMs: (after.cpuMicros - before.cpuMicros) / 1000,
              rowsRead: after.rows - before.rows,
            });
          }
        });
        queue = run.catch(() => undefined);
        return run;
      },
    };
  }

  async #counters(): Promise<Counters> {
    const [row] = await this.#database.select<Record<keyof Counters, string>>(
      `SELECT ProfileEvents['InitialQuery'] AS statements, ProfileEvents['QueryTimeMicroseconds'] AS micros,
              ProfileEvents['OSCPUVirtualTimeMicroseconds'] AS cpuMicros, ProfileEvents['SelectedRows'] AS rows
       FROM system.user_processes LIMIT 1`,
    );
    return {
      statements: Number(row?.statements ?? 0),
      micros: Number(row?.micros ?? 0),
      cpuMicros: Number(row?.cpuMicros ?? 0),
      rows: Number(row?.rows ?? 0),
    };
  }
}

/**
 * The most bytes that one statement held while `work` ran, as the engine counts them, looked at from a connection of its
 * own every few milliseconds: a statement that is shorter may be missed. Slows the work: never in a run that is timed.
 */
export async function peakBytes(watcher: Database, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  let isOver = false;
  const worked = work().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const [row] = await watcher.select<{ bytes: string }>(
      `SELECT max(peak_memory_usage) AS bytes FROM system.processes WHERE query NOT LIKE '%system.processes%'`,
    );
    peak = Math.max(peak, Number(row?.bytes ?? 0));
    await sleep(2);
  }
  await worked;
  return peak;
}
