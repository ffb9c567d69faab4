/**
 * Memory and faults survived over a long tail: the real `index --follow` on a chain that grows, changes
 * branches, and is served by an endpoint that fails in every way it can (a seeded mix), kept on the
 * embedded engine or on a ClickHouse HTTP server that fails as well. At the end the rows are compared
 * with those of an undisturbed run on the final branch.
 *   npm run bench:tailing -- [--minutes 60] [--share 0.05] [--server] [--seed 1]
 * Prints resident memory over time, faults by kind, reorgs, and whether the rows are equal.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ReplayServer } from '../indexer/replay/replay-server.ts';
import { seededRandom } from '../indexer/replay/seeded-random.ts';
import { differences, digestsOf } from '../test/chaos/store-digests.ts';
import { moveOn } from '../test/chaos/unruly-chain.ts';
import type { Fault } from '../test/clickhouse-server/faults.ts';
import { ClickHouseServerProcess } from '../test/clickhouse-server/server-process.ts';
import { runCli, spawnCli } from '../test/e2e/run-cli.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';
const FIRST_BLOCK = 200;
const LAST_BLOCK = 3_651;
const FINALITY_DEPTH = 60;
const SAMPLE_MILLIS = 5_000;
const STRETCHES = 12;
/** Beside the endpoint's: each statement of the follower may meet them. */
const SERVER_FAULTS: readonly Fault[] = [
  { kind: 'slow', millis: 200, probability: 0.03, times: 1_000_000 },
  { kind: 'executeAndCut', query: '^INSERT', probability: 0.01, times: 1_000_000 },
  { kind: 'cutAnswer', bytes: 5, probability: 0.005, times: 1_000_000 },
  { kind: 'status', status: 503, probability: 0.005, times: 1_000_000 },
  {
    kind: 'exception',
    query: '^INSERT',
    code: 243,
    name: 'NOT_ENOUGH_SPACE',
    probability: 0.003,
    times: 1_000_000,
  },
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    share: { type: 'string', default: '0.05' },
    seed: { type: 'string', default: '1' },
    server: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const share = Number(values.share);
const seed = Number(values.seed);

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-tailing-'));
const data = join(folder, 'followed');
const replay = await ReplayServer.fromArchive(ARCHIVE, {
  inMemoryBlocks: FINALITY_DEPTH,
  keepRequests: false,
});
replay.setHeight(FIRST_BLOCK);
const source = ['--archive', ARCHIVE, '--hypersync-url', await replay.listen()];
const server = values.server
  ? await ClickHouseServerProcess.start({ dataDir: join(folder, 'server') })
  : null;
const environment: Record<string, string> = server ? { CLICKHOUSE_URL: server.url } : {};
const follower = spawnCli(
  [
    ...['index', ...source, '--follow', '--to', String(LAST_BLOCK)],
    ...['--finality-depth', String(FINALITY_DEPTH), '--data', data],
  ],
  environment,
);
let stderr = '';
follower.stderr?.on('data', (chunk: Buffer) => {
  stderr = (stderr + chunk.toString()).slice(-20_000);
});
follower.stdout?.resume();
const ended = new Promise<number | null>((done) => follower.on('close', done));
const memory = watchMemory(follower);
replay.setChaos({ share, seed });
for (const fault of server ? SERVER_FAULTS : []) await server?.strike(fault);

const startedAt = performance.now();
// As many steps as fill the time; what a reorg takes back comes on top.
const pauseMillis = (minutes * 60_000) / ((LAST_BLOCK - FIRST_BLOCK) / 1.5);
const reorgs = await moveOn(
  replay,
  LAST_BLOCK,
  {
    finalityDepth: FINALITY_DEPTH,
    startBlock: FIRST_BLOCK,
    stride: 2,
    pauseMillis,
    reorgShare: 0.02,
  },
  seededRandom(seed),
);
const standstill = performance.now();
const code = await ended;
const now = performance.now();
memory.stop();
const struck = { ...replay.faultsStruck, ...(await server?.report())?.struck };
replay.setChaos(null);
await server?.control({ clear: true });

console.log(`followed for ${((now - startedAt) / 60_000).toFixed(1)} min, ended with ${code}`);
if (code !== 0) console.log(stderr);
console.log(`${reorgs} changes of branch, faults: ${JSON.stringify(struck)}`);
console.log(`${sum(Object.values(struck))} faults in all`);
console.log(
  `all blocks stored ${((now - standstill) / 1000).toFixed(1)} s after the last appeared`,
);
console.log(memory.text());
const followed = await digestsOf(data, source, environment);
const cleanData = join(folder, 'clean');
const clean = await runCli(['index', ...source, '--to', String(LAST_BLOCK), '--data', cleanData]);
if (clean.code !== 0) throw new Error(clean.stderr);
const differing = differences(followed, await digestsOf(cleanData, source));
console.log(differing.length === 0 ? 'equal in every table' : `DIFFERENT: ${differing.join(', ')}`);
await server?.kill();
await replay.close();
rmSync(folder, { recursive: true, force: true });
process.exit(code === 0 && differing.length === 0 ? 0 : 1);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Resident memory of a process, read every few seconds. */
function watchMemory(child: ChildProcess) {
  const megabytes: number[] = [];
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      megabytes.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, SAMPLE_MILLIS);
  return {
    stop: () => clearInterval(timer),
    /** Median of each stretch of time. */
    text: () => {
      const size = Math.max(1, Math.ceil(megabytes.length / STRETCHES));
      const medians = Array.from({ length: Math.ceil(megabytes.length / size) }, (_, index) => {
        const stretch = megabytes.slice(index * size, (index + 1) * size).sort((a, b) => a - b);
        return (stretch[Math.floor(stretch.length / 2)] ?? 0).toFixed(0);
      });
      return `resident memory over time, MB: ${medians.join(' ')} (most: ${Math.max(...megabytes).toFixed(0)})`;
    },
  };
}
