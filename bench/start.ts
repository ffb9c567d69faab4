/**
 * What a newcomer waits for: `bulkhead start` on the bundled archive over an empty data folder, until
 * the index is done and the first chart has been served. Wall seconds and peak memory of the process.
 *   npm run bench:start
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
const startedAt = performance.now();
const child = spawn(
  process.execPath,
  ['--import', 'tsx', 'indexer/cli/main.ts', 'start', '--data', folder, '--port', '0', '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
let output = '';
for await (const chunk of child.stdout) {
  output += String(chunk);
  if (output.includes('\n')) break;
}
const ready = JSON.parse(output) as { url: string; logs: number; events: number };
console.log(`index done after ${seconds()} s (${ready.logs} logs, ${ready.events} events)`);
for (const chart of ['liquidation-heatmap', 'margin-history', 'oracle-latency']) {
  const before = performance.now();
  const response = await fetch(`${ready.url}/v1/charts/${chart}.svg`);
  const bytes = (await response.arrayBuffer()).byteLength;
  console.log(
    `${chart}.svg: ${response.status}, ${(bytes / 1024).toFixed(0)} KiB in ${((performance.now() - before) / 1000).toFixed(2)} s (at ${seconds()} s)`,
  );
}
const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
console.log(`peak memory ${/VmHWM:\s+(\d+ kB)/.exec(status)?.[1] ?? 'unknown on this system'}`);
child.kill('SIGTERM');
await new Promise((done) => child.on('close', done));
await rm(folder, { recursive: true, force: true });
