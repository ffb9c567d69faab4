/**
 * Kills survived. The real command is killed (SIGKILL) at random moments and started again, and at the
 * end every table's rows and digest are compared with those of an undisturbed run.
 *   npm run bench:crashes -- [--kills 200] [--seed 1]
 * Prints kills, kills survived, rows compared and the time from a start to its first new commit.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unpackFirstRelease } from '../test/chaos/first-release.ts';
import {
  type KillSchedule,
  killedFollower,
  killedIngest,
  killedRebuild,
  killedUpgrade,
  type Playground,
  type ScenarioReport,
} from '../test/chaos/scenarios.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';
const KILLS_PER_ROUND = 12;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.kills);

type Scenario = (at: Playground, schedule: KillSchedule) => Promise<ScenarioReport>;

/** Each scenario with its last block. */
const SCENARIOS: readonly (readonly [string, number, Scenario])[] = [
  ['ingest', 3_651, killedIngest],
  [
    'following through reorgs',
    1_800,
    (at, schedule) =>
      killedFollower(
        at,
        { finalityDepth: 60, startBlock: 600, stride: 25, pauseMillis: 700, reorgShare: 0.3 },
        { ...schedule, earliestMillis: 1_500, latestMillis: 9_000 },
      ),
  ],
  ['rebuild and swap', 2_500, killedRebuild],
  [
    'upgrade of an old store',
    700,
    (at, schedule) => killedUpgrade(unpackFirstRelease(at.folder), at, schedule),
  ],
];

let kills = 0;
let survived = 0;
console.log(
  'scenario                    round  kills  differing tables  rows      recovery p50 / max',
);
for (let round = 1; kills < wanted; round++) {
  for (const [name, toBlock, scenario] of SCENARIOS) {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-crashes-'));
    const seed = Number(values.seed) * 1_000 + round;
    const schedule = { kills: KILLS_PER_ROUND, seed };
    try {
      const report = await scenario({ archive: ARCHIVE, toBlock, folder }, schedule);
      kills += report.kills;
      if (report.differing.length === 0) survived += report.kills;
      console.log(lineOf(name, round, report));
    } catch (error) {
      console.log(`${name.padEnd(28)}${String(round).padEnd(7)}FAILED, seed ${seed}`);
      console.log(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${survived} of ${kills} kills survived with equal rows and digests in every table`);
if (survived < kills) process.exitCode = 1;

function lineOf(name: string, round: number, report: ScenarioReport): string {
  const times = report.recoveryMillis.toSorted((a, b) => a - b);
  const seconds = (share: number) =>
    times.length === 0
      ? '–'
      : `${((times[Math.floor(share * (times.length - 1))] ?? 0) / 1000).toFixed(1)} s`;
  return [
    name.padEnd(27),
    String(round).padEnd(6),
    String(report.kills).padEnd(6),
    (report.differing.join(',') || 'none').padEnd(17),
    String(report.rows).padEnd(9),
    `${seconds(0.5)} / ${seconds(1)}`,
  ].join(' ');
}
