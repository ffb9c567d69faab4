/** The process behind ClickHouseServerProcess: serves until it is killed or its parent is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseServer, type ServerSettings } from './clickhouse-server.ts';
import type { Control, Report } from './server-messages.ts';

const settings: ServerSettings = JSON.parse(process.argv[2] ?? '{}');
const server = new ClickHouseServer(settings);
const url = await server.up();

function report(id: number | null): void {
  const message: Report = { id, url, requests: server.requests, struck: server.faults.struck };
  process.send?.(message);
}

async function obey(control: Control): Promise<void> {
  if (control.seed !== undefined) server.faults.seed(control.seed);
  if (control.clear) server.faults.clear();
  if (control.fault) server.faults.add(control.fault);
  if (control.listen === 'up') await server.up();
  if (control.listen === 'down') server.down();
  report(control.id);
  if (control.upAfterMillis !== undefined) {
    await sleep(control.upAfterMillis);
    await server.up();
  }
}

process.on('message', (control: Control) => void obey(control));
// The engine may still work: nothing is lost that a kill would not lose.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
report(null);
