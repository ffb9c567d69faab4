import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ReplayServer } from '../../indexer/replay/replay-server.ts';
import { seededRandom } from '../../indexer/replay/seeded-random.ts';
import { runCli } from '../e2e/run-cli.ts';
import { type KillReport, runThroughKills } from './killed-command.ts';
import { type Digests, differences, digestsOf } from './store-digests.ts';
import { moveOn, type UnrulyChain } from './unruly-chain.ts';

/** What a store holds at the end of a scenario, beside what an undisturbed run left. */
export interface ScenarioReport extends KillReport {
  /** Tables whose rows or digest differ: none, or the promise is broken. */
  readonly differing: readonly string[];
  readonly rows: number;
}

export interface KillSchedule {
  readonly kills: number;
  readonly seed: number;
}

/** Of an undisturbed run's time: kills come at all stages of it, however busy the machine is. */
const KILL_SPAN = { earliest: 0.15, latest: 0.85 } as const;

/** An archive whose blocks are all listed, so that a follower gets every header. */
export interface Playground {
  readonly archive: string;
  /** Blocks up to here are indexed. */
  readonly toBlock: number;
  /** Empty folder of its own. */
  readonly folder: string;
}

interface CleanRun {
  readonly digests: Digests;
  readonly millis: number;
}

/** An undisturbed run. */
async function indexed(
  { archive, toBlock }: Playground,
  data: string,
  endpoint: readonly string[] = [],
): Promise<CleanRun> {
  const source = ['--archive', archive, ...endpoint];
  const args = ['index', ...source, '--to', String(toBlock), '--data', data];
  const startedAt = performance.now();
  const result = await runCli(args);
  if (result.code !== 0) throw new Error(`${args.join(' ')}\n${result.stderr}`);
  const millis = performance.now() - startedAt;
  return { digests: await digestsOf(data, source), millis };
}

function killTimes(millis: number) {
  return {
    earliestMillis: KILL_SPAN.earliest * millis,
    latestMillis: KILL_SPAN.latest * millis,
  };
}

async function compared(
  report: KillReport,
  data: string,
  clean: CleanRun,
  source: readonly string[] = [],
): Promise<ScenarioReport> {
  const digests = await digestsOf(data, source);
  return {
    ...report,
    differing: differences(digests, clean.digests),
    rows: Object.values(digests).reduce((sum, { rows }) => sum + rows, 0),
  };
}

/** `index` of an archive, killed on the way. */
export async function killedIngest(
  playground: Playground,
  schedule: KillSchedule,
): Promise<ScenarioReport> {
  const { archive, toBlock, folder } = playground;
  const clean = await indexed(playground, join(folder, 'clean'));
  const data = join(folder, 'killed');
  const report = await runThroughKills({
    ...schedule,
    ...killTimes(clean.millis),
    args: ['index', '--archive', archive, '--to', String(toBlock), '--data', data],
    random: seededRandom(schedule.seed),
  });
  return compared(report, data, clean);
}

/** `rebuild` of an indexed store, killed while it builds and while it swaps. */
export async function killedRebuild(
  playground: Playground,
  schedule: KillSchedule,
): Promise<ScenarioReport> {
  const data = join(playground.folder, 'rebuilt');
  const clean = await indexed(playground, data);
  const startedAt = performance.now();
  const undisturbed = await runCli(['rebuild', '--data', data]);
  if (undisturbed.code !== 0) throw new Error(undisturbed.stderr);
  const report = await runThroughKills({
    ...schedule,
    ...killTimes(performance.now() - startedAt),
    args: ['rebuild', '--data', data],
    random: seededRandom(schedule.seed),
  });
  return compared(report, data, clean);
}

/** Opening a store of an older release (its data folder) with this program, killed on the way. */
export async function killedUpgrade(
  oldStore: string,
  playground: Playground,
  schedule: KillSchedule,
): Promise<ScenarioReport> {
  const { archive, toBlock, folder } = playground;
  const clean = await indexed(playground, join(folder, 'fresh'));
  const data = join(folder, 'upgraded');
  cpSync(oldStore, data, { recursive: true });
  const report = await runThroughKills({
    ...schedule,
    ...killTimes(clean.millis),
    args: ['index', '--archive', archive, '--to', String(toBlock), '--data', data],
    random: seededRandom(schedule.seed),
  });
  return compared(report, data, clean);
}

export interface UnrulyReport extends ScenarioReport {
  readonly reorgs: number;
}

/**
 * `index --follow` on a chain that grows and changes its mind, killed on the way: in the midst of
 * pages, rollbacks and restores. Ends when the chain stands still and the follower has all of it.
 */
export async function killedFollower(
  playground: Playground,
  chain: UnrulyChain,
  schedule: KillSchedule & { readonly earliestMillis: number; readonly latestMillis: number },
): Promise<UnrulyReport> {
  const { archive, toBlock, folder } = playground;
  const server = await ReplayServer.fromArchive(archive, { inMemoryBlocks: chain.finalityDepth });
  server.setHeight(chain.startBlock);
  const url = await server.listen();
  try {
    const endpoint = ['--hypersync-url', url];
    const source = ['--archive', archive, ...endpoint];
    const data = join(folder, 'followed');
    const [reorgs, report] = await Promise.all([
      moveOn(server, toBlock, chain, seededRandom(schedule.seed + 1)),
      runThroughKills({
        ...schedule,
        args: [
          'index',
          ...source,
          ...['--follow', '--to', String(toBlock), '--data', data],
          ...['--finality-depth', String(chain.finalityDepth)],
        ],
        random: seededRandom(schedule.seed),
      }),
    ]);
    const clean = await indexed(playground, join(folder, 'clean'), endpoint);
    return { ...(await compared(report, data, clean, source)), reorgs };
  } finally {
    await server.close();
  }
}
