import type { ChildProcess } from 'node:child_process';
import { spawnCli } from '../e2e/run-cli.ts';

/** A `bulkhead` command that is killed again and again, and started again each time. */
export interface KillPlan {
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** How often it is killed at most; it may be done before. */
  readonly kills: number;
  /** A kill comes at a random moment between these, counted from the start of the process. */
  readonly earliestMillis: number;
  readonly latestMillis: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Longest that the last, unkilled run may take. */
  readonly patienceMillis?: number;
}

export interface KillReport {
  /** Kills that struck a running process. */
  readonly kills: number;
  /**
   * Of each start after a kill: milliseconds until the process told of a block (its first line of
   * progress), start of the program, engine and repair included.
   */
  readonly recoveryMillis: readonly number[];
  /** What the process said of repairs, over all runs. */
  readonly stderr: string;
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Null when it said nothing. */
  readonly firstProgressMillis: number | null;
}

const DEFAULT_PATIENCE_MILLIS = 180_000;

/**
 * Runs the command through its kills and then to its end.
 * @throws Error with the command's own words when a run ends by itself other than well.
 */
export async function runThroughKills(plan: KillPlan): Promise<KillReport> {
  const recoveryMillis: number[] = [];
  let stderr = '';
  let kills = 0;
  for (let run = 0; ; run++) {
    const isLast = run >= plan.kills;
    const delay = isLast
      ? (plan.patienceMillis ?? DEFAULT_PATIENCE_MILLIS)
      : plan.earliestMillis + plan.random() * (plan.latestMillis - plan.earliestMillis);
    const ending = await runUntil(plan, delay);
    stderr += ending.stderr;
    if (run > 0 && ending.firstProgressMillis !== null) {
      recoveryMillis.push(ending.firstProgressMillis);
    }
    if (ending.code === 0) return { kills, recoveryMillis, stderr };
    if (ending.signal !== 'SIGKILL' || isLast) throw new Error(describe(plan, ending, kills));
    kills += 1;
  }
}

function describe(plan: KillPlan, ending: Ending, kills: number): string {
  return [
    `bulkhead ${plan.args.join(' ')}`,
    `ended with ${ending.code ?? ending.signal} after ${kills} kills`,
    ending.stderr.slice(-4_000),
  ].join('\n');
}

/** One run, killed after `millis` if it is still there. */
async function runUntil(plan: KillPlan, millis: number): Promise<Ending> {
  const startedAt = performance.now();
  const child = spawnCli(plan.args, plan.environment ?? {});
  let stderr = '';
  let firstProgressMillis: number | null = null;
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (firstProgressMillis === null && /block [\d,]+|rolled back/.test(stderr)) {
      firstProgressMillis = performance.now() - startedAt;
    }
  });
  child.stdout?.resume();
  const timer = setTimeout(() => child.kill('SIGKILL'), millis);
  const { code, signal } = await closed(child);
  clearTimeout(timer);
  return { code, signal, stderr, firstProgressMillis };
}

function closed(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal }));
  });
}
