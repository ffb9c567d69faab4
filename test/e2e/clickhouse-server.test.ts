import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES } from '../../indexer/store/event-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Fault } from '../clickhouse-server/faults.ts';
import { ClickHouseServerProcess } from '../clickhouse-server/server-process.ts';
import { firstJsonLine, runCli, spawnCli, temporaryFolder } from './run-cli.ts';
import { storedDigests } from './stored-digests.ts';

const CHAIN_ID = 31337;
const INDEX = ['index', '--archive', 'archives/synthetix-v2-crash-2023-08-17', '--json'];

type Digests = Awaited<ReturnType<typeof storedDigests>>;

describe('the program on a ClickHouse server', () => {
  const folder = temporaryFolder('server');
  let server: ClickHouseServerProcess;
  let clean: Digests;

  beforeAll(async () => {
    const data = join(folder.path, 'embedded');
    const [result, started] = await Promise.all([
      runCli([...INDEX, '--data', data]),
      ClickHouseServerProcess.start({ dataDir: join(folder.path, 'server') }),
    ]);
    server = started;
    expect(result.code, result.stderr).toBe(0);
    clean = await storedDigests(data, CHAIN_ID);
  });
  afterAll(async () => {
    await server?.kill();
    folder.remove();
  });

  const environment = (database: string) => ({
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_DATABASE: database,
  });
  const digestsOf = async (name: string): Promise<Digests> => {
    const database = await openDatabase({ url: server.url, database: name });
    const store = createClickHouseStore(database);
    const tables: Digests = {};
    for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
      tables[table] = await store.digest(table, CHAIN_ID);
    }
    await database.close();
    return tables;
  };
  const strike = async (faults: readonly Fault[]) => {
    await server.control({ clear: true });
    for (const fault of faults) await server.strike(fault);
  };

  it('ends with the same rows as on the embedded engine, and passes its audit', async () => {
    const result = await runCli(INDEX, environment('plain'));
    expect(result.code, result.stderr).toBe(0);
    expect(await digestsOf('plain')).toEqual(clean);
    const verified = await runCli(['verify', '--json'], environment('plain'));
    expect(verified.code, verified.stderr + verified.stdout).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
  });

  it('ends with them however often it is cut off and started again', async () => {
    await strike([
      { kind: 'executeAndCut', query: '^INSERT INTO raw_logs' },
      { kind: 'executeAndCut', query: '^INSERT INTO position_states' },
      { kind: 'executeAndCut', query: '^DELETE' },
      { kind: 'executeAndCut', query: '^INSERT INTO commits' },
    ]);
    let starts = 0;
    for (let code: number | null = 1; code !== 0; starts++) {
      expect(starts).toBeLessThan(9);
      ({ code } = await runCli(INDEX, environment('again')));
    }
    const { struck } = await server.report();
    expect(struck).toMatchObject({ executeAndCut: 4 });
    expect(starts).toBeGreaterThan(3);
    expect(await digestsOf('again')).toEqual(clean);
  }, 300_000);

  it('waits out every fault of the server while it follows, beside an API on the same one', async () => {
    const settings = environment('followed');
    await strike([]);
    const serving = spawnCli(['serve', '--port', '0', '--json'], settings);
    const api = String((await firstJsonLine(serving))['url']);
    await strike([
      { kind: 'executeAndCut', query: '^INSERT INTO (blocks|position_events)' },
      {
        kind: 'exception',
        query: '^INSERT INTO market_events',
        code: 243,
        name: 'NOT_ENOUGH_SPACE',
      },
      { kind: 'exception', query: '^INSERT INTO order_events', times: 3 },
      { kind: 'status', query: '^INSERT INTO liquidations', status: 503 },
      { kind: 'slow', query: '^(INSERT|DELETE)', times: 20, millis: 30 },
    ]);
    const before = (await server.report()).struck;
    const following = spawnCli([...INDEX, '--follow'], settings);
    try {
      // Its summary comes only from the run that reads the last block; the end of the archive ends it.
      const done = Promise.race([
        once(following, 'exit'),
        firstJsonLine(following).catch(() => null),
      ]);
      await outage(async () => (await server.report()).struck['status'] !== before['status']);
      await server.control({ listen: 'down', upAfterMillis: 3_000 });
      await done;
      const { struck } = await server.report();
      expect(struck['slow']).toBe(20);
      expect((struck['exception'] ?? 0) - (before['exception'] ?? 0)).toBe(4);
      expect(await digestsOf('followed')).toEqual(clean);
      expect(await sources(api)).toEqual([{ chain: 'local-synthetix-perps-v2' }]);
      await end(following);
      expect(following.exitCode).toBe(0);
    } finally {
      await end(following);
      await end(serving);
    }
  }, 300_000);
});

/** Waits for the moment to cut the server off. */
async function outage(isTime: () => Promise<boolean>): Promise<void> {
  while (!(await isTime())) await sleep(50);
}

async function sources(api: string): Promise<unknown> {
  const response = await fetch(`${api}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ status { sources { chain } } }' }),
  });
  const answer = (await response.json()) as { data: { status: { sources: unknown } } };
  return answer.data.status.sources;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
