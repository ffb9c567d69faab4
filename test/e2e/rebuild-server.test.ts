import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuiltChain } from '../../indexer/rebuild/rebuild.ts';
import { WriterLeases } from '../../indexer/store/writer-lease.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { ClickHouseServerProcess } from '../clickhouse-server/server-process.ts';
import { unpackFirstRelease } from '../indexer/rebuild/first-release-store.ts';
import { firstJsonLine, runCli, spawnCli } from './run-cli.ts';

const QUERY = '{ status { sources { chain counts { positionEvents marketEvents } } } }';

describe('a rebuild on a server, beside an API in another process', () => {
  const folder = unpackFirstRelease();
  let server: ClickHouseServerProcess;
  let serving: ChildProcess;
  let api = '';
  let database: Database;

  const environment = () => ({ CLICKHOUSE_URL: server.url });
  const ask = async (): Promise<string> => {
    const response = await fetch(`${api}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    });
    return response.text();
  };
  const answer = (positionEvents: number) => ({
    data: {
      status: {
        sources: [{ chain: 'local-gmx-v2', counts: { positionEvents, marketEvents: 197 } }],
      },
    },
  });

  beforeAll(async () => {
    server = await ClickHouseServerProcess.start({ dataDir: join(folder.path, 'clickhouse') });
    database = await openDatabase({ url: server.url });
    serving = spawnCli(['serve', '--port', '0', '--json'], environment());
    api = String((await firstJsonLine(serving))['url']);
  });
  afterAll(async () => {
    serving?.kill('SIGTERM');
    await database?.close();
    await server?.kill();
    folder.remove();
  });

  it('serves the rows of the first release as they are: serving alone rebuilds nothing', async () => {
    expect(JSON.parse(await ask())).toEqual(answer(14));
    const methods = await database.select('SELECT DISTINCT method FROM commits');
    expect(methods).toEqual([{ method: 'gmx-v2/1' }]);
  });

  it('is refused while another process writes a chain of the store', async () => {
    const indexer = new WriterLeases(database, { renewalMs: 200 });
    await indexer.hold(42161);
    const result = await runCli(['rebuild'], environment());
    await indexer.release();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('Another process writes this chain.');
    expect(JSON.parse(await ask())).toEqual(answer(14));
  });

  it('gives the API the new tables without an answer that fails or mixes', async () => {
    await database.command(
      'INSERT INTO position_events SELECT * FROM position_events ORDER BY block_number LIMIT 3',
    );
    const before = await ask();
    expect(JSON.parse(before)).toEqual(answer(17));
    const answers: string[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) answers.push(await ask());
    })();
    const result = await runCli(['rebuild', '--json'], environment());
    isOver = true;
    await asking;
    expect(result.code, result.stderr).toBe(0);
    const after = await ask();
    expect(JSON.parse(after)).toEqual(answer(14));
    expect(answers.length).toBeGreaterThan(3);
    const turn = answers.indexOf(after) < 0 ? answers.length : answers.indexOf(after);
    expect(new Set(answers.slice(0, turn))).toEqual(new Set([before]));
    for (const each of answers.slice(turn)) expect(each).toBe(after);
    const { changes } = JSON.parse(result.stdout) as RebuiltChain;
    expect(changes.map(({ table }) => table)).toEqual([
      'position_events',
      'market_events',
      'oracle_updates',
      'open_interest',
      'liquidation_levels',
      'oracle_hours',
    ]);
    const left = await database.select(
      "SELECT name FROM system.databases WHERE name LIKE '%rebuild'",
    );
    expect(left).toEqual([]);
  });
});
