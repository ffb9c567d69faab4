import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { ClickHouseServerProcess } from '../clickhouse-server/server-process.ts';
import { digestsOf, FollowedChain } from '../indexer/pipeline/follow-world.ts';
import { runCli, temporaryFolder } from './run-cli.ts';
import { END_MILLIS, RunningCli } from './running-cli.ts';

const HEIGHT = 80;

describe('bulkhead --follow into a ClickHouse server', () => {
  const folder = temporaryFolder('follow-server');
  let chain: FollowedChain;
  let server: ClickHouseServerProcess;
  let cli: RunningCli;

  beforeAll(async () => {
    chain = await FollowedChain.serve('gmx-v1-crash-scenario', HEIGHT);
    server = await ClickHouseServerProcess.start({ dataDir: join(folder.path, 'server') });
  });
  afterAll(async () => {
    if (cli.child.exitCode === null) cli.child.kill('SIGKILL');
    await server.kill();
    await chain.server.close();
    folder.remove();
  });

  const flags = (database: string, ...more: string[]) => ({
    args: [
      ...['index', '--archive', 'archives/gmx-v1-crash-scenario', '--hypersync-url', chain.url],
      ...['--data', join(folder.path, database), ...more],
    ],
    environment: { CLICKHOUSE_URL: server.url, CLICKHOUSE_DATABASE: database },
  });

  async function stored(database: string) {
    const connection = await openDatabase({ url: server.url, database });
    const store = createClickHouseStore(connection);
    const { chainId } = chain.plan.source;
    const last = await store.lastCommit(chainId, 'project');
    const digests = await digestsOf(store, chainId);
    await connection.close();
    return { toBlock: last?.toBlock, digests };
  }

  it('waits for a server that went away, and loses and doubles nothing', async () => {
    const { args, environment } = flags('followed', '--follow');
    cli = new RunningCli(args, environment);
    await cli.says(/at the head: block 80/);
    await server.kill();
    chain.server.setHeight(HEIGHT + 10);
    await cli.says(/beginning again in/);
    await server.start();
    while ((await stored('followed')).toBlock !== HEIGHT + 10) {
      await new Promise((done) => setTimeout(done, 200));
    }
    const clean = flags('clean');
    const run = await runCli(clean.args, clean.environment);
    expect(run.code, run.stderr).toBe(0);
    expect((await stored('followed')).digests).toEqual((await stored('clean')).digests);
  });

  it('ends within seconds of a signal while the server hangs', async () => {
    await server.strike({ kind: 'hang', times: 1_000 });
    chain.server.setHeight(HEIGHT + 20);
    await new Promise((done) => setTimeout(done, 1_500));
    const { millis } = await cli.terminate();
    expect(millis, cli.stderr).toBeLessThan(END_MILLIS);
  });
});
