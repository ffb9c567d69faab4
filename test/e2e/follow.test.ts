import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { planChain } from '../../indexer/pipeline/chain-plan.ts';
import { ChainBranch } from '../../indexer/replay/chain-branch.ts';
import { ReplayServer } from '../../indexer/replay/replay-server.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { digestsOf, FollowedChain } from '../indexer/pipeline/follow-world.ts';
import { firstJsonLine, runCli, temporaryFolder } from './run-cli.ts';
import { END_MILLIS, RunningCli } from './running-cli.ts';

const ARCHIVE = 'archives/gmx-v1-crash-scenario';
const HEIGHT = 150;

describe('bulkhead --follow', () => {
  const folder = temporaryFolder('follow-e2e');
  const running: RunningCli[] = [];
  let chain: FollowedChain;
  const data = (name: string) => join(folder.path, name);
  const flags = (name: string) => [
    ...['--archive', ARCHIVE, '--hypersync-url', chain.url],
    ...['--data', data(name)],
  ];

  beforeAll(async () => {
    chain = await FollowedChain.serve('gmx-v1-crash-scenario', HEIGHT);
    chain.fork('ten', HEIGHT - 9, HEIGHT + 4);
    chain.fork('deep', HEIGHT - 40, HEIGHT + 6);
  });
  afterEach(async () => {
    for (const { child, closed } of running.splice(0)) {
      if (child.exitCode === null) child.kill('SIGKILL');
      await closed;
    }
    chain.server.clearFaults();
    chain.server.switchBranch('main', HEIGHT);
  });
  afterAll(async () => {
    await chain.server.close();
    folder.remove();
  });

  function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const cli = new RunningCli(args, environment);
    running.push(cli);
    return cli;
  }

  async function storedDigests(name: string) {
    const database = await openDatabase({ dataDir: data(name) });
    const digests = await digestsOf(createClickHouseStore(database), chain.plan.source.chainId);
    await database.close();
    return digests;
  }

  it('serves while it follows, says when it is at the head and what it rolls back', async () => {
    const cli = run(['start', ...flags('served'), '--follow', '--port', '0', '--json']);
    const ready = await firstJsonLine(cli.child);
    expect(ready).toMatchObject({ chain: 'local-gmx-v1', toBlock: HEIGHT });
    await cli.says(/at the head: block 150/);
    chain.server.switchBranch('ten');
    await cli.says(/rolled back 10 blocks to 140: block \d+ was 0x/);
    const metrics = async () => (await fetch(`${String(ready['url'])}/metrics`)).text();
    // Visible facts, not the height: on a busy machine the one is known long before the other.
    const head = new RegExp(`^bulkhead_head_block\\{[^}]*\\} ${HEIGHT + 4}$`, 'm');
    while (!head.test(await metrics())) {
      await new Promise((done) => setTimeout(done, 100));
    }
    const { code, millis } = await cli.terminate();
    expect(code, cli.stderr).toBe(0);
    expect(millis).toBeLessThan(END_MILLIS);
    const clean = await runCli(['index', ...flags('clean')]);
    expect(clean.code, clean.stderr).toBe(0);
    expect(await storedDigests('served')).toEqual(await storedDigests('clean'));
  });

  it('stops beyond the finality depth, and goes on after the command that it names', async () => {
    const follow = ['index', ...flags('deep'), '--follow', '--finality-depth', '20'];
    const cli = run(follow);
    await cli.says(/at the head/);
    chain.server.switchBranch('deep');
    expect(await cli.closed).toBe(1);
    const named = /npm run bulkhead -- (rollback --chain \S+ --to \d+) --data (\S+)`/;
    const [, command, store] = named.exec(cli.stderr) ?? [];
    expect(command).toBe(`rollback --chain local-gmx-v1 --to ${HEIGHT - 41}`);
    expect(store).toBe(data('deep'));
    const rollback = (args: string) =>
      runCli([...args.split(' '), '--data', data('deep'), '--json']);
    const refused = await rollback(`rollback --chain-id 31337 --to ${HEIGHT + 1}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/not among the stored[\s\S]*last block: 150/);
    const done = await rollback(command ?? '');
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ toBlock: HEIGHT - 41, blocks: 41 });
    const again = await runCli([...follow, '--to', String(HEIGHT + 6)]);
    expect(again.code, again.stderr).toBe(0);
    const clean = await runCli(['index', ...flags('clean-deep')]);
    expect(clean.code, clean.stderr).toBe(0);
    expect(await storedDigests('deep')).toEqual(await storedDigests('clean-deep'));
  });

  it('sums up what it has when the last block asked for was there before, or is not the head', async () => {
    const toBlock = HEIGHT - 50;
    const follow = ['index', ...flags('asked'), '--follow', '--to', String(toBlock), '--json'];
    for (const logs of [expect.any(Number), 0]) {
      const { code, stdout, stderr } = await runCli(follow);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ chain: 'local-gmx-v1', toBlock, logs });
      expect(stderr).not.toMatch(/at the head/);
    }
  });

  it('ends within seconds of a signal while the endpoint hangs or is waited for', async () => {
    const cli = run(['index', ...flags('hanging'), '--follow'], { HYPERSYNC_RETRY_SECONDS: '1' });
    await cli.says(/at the head/);
    chain.server.fail({ kind: 'hang' }, 100_000);
    await new Promise((done) => setTimeout(done, 1_500));
    const hanging = await cli.terminate();
    expect(hanging.code, cli.stderr).toBe(0);
    expect(hanging.millis).toBeLessThan(END_MILLIS);
    chain.server.clearFaults();
    chain.server.fail({ kind: 'reset' }, 100_000);
    const waiting = run(['index', ...flags('hanging'), '--follow'], {
      HYPERSYNC_RETRY_SECONDS: '1',
    });
    await waiting.says(/beginning again in/);
    const stopped = await waiting.terminate();
    expect(stopped.code, waiting.stderr).toBe(0);
    expect(stopped.millis).toBeLessThan(END_MILLIS);
  });

  it('mends what is wrong before it rolls back by hand', async () => {
    const index = ['index', ...flags('by-hand'), '--to', '100'];
    expect((await runCli(index)).code).toBe(0);
    const clean = await storedDigests('by-hand');
    const database = await openDatabase({ dataDir: data('by-hand') });
    await database.command(
      'INSERT INTO position_events SELECT * FROM position_events WHERE block_number <= 80',
    );
    await database.close();
    const rollback = ['rollback', '--chain', 'local-gmx-v1', '--to', '80'];
    const { code, stderr } = await runCli([...rollback, '--data', data('by-hand')]);
    expect(stderr).toMatch(/rows in position_events where commits count/);
    expect(code, stderr).toBe(0);
    expect((await runCli(index)).code).toBe(0);
    expect(await storedDigests('by-hand')).toEqual(clean);
  });

  it('ends as failed when a chain had failed before the signal', async () => {
    const branch = new ChainBranch({ name: 'main', height: 30 });
    const server = new ReplayServer({ chainId: 31337, branches: new Map([['main', branch]]) });
    const endpoints = ['--hypersync-url', `arbitrum=${await server.listen()}`];
    const other = new ReplayServer({ chainId: 10, branches: new Map([['main', branch]]) });
    endpoints.push('--hypersync-url', `optimism=${await other.listen()}`);
    const cli = run([
      ...['index', '--chain', 'arbitrum,optimism', ...endpoints],
      ...['--follow', '--data', data('half-failed')],
    ]);
    await cli.says(/^optimism: at the head/m);
    await cli.says(/^arbitrum: .*another chain/m);
    const { code } = await cli.terminate();
    expect(cli.stderr).toMatch(/1 of 2 chains failed/);
    expect(code).toBe(1);
    await Promise.all([server.close(), other.close()]);
  });

  it('follows several chains, each with its own lines and its own failure', async () => {
    const mini = (name: string, chainId: number) => {
      const { firstBlock } = planChain(
        { chainId, chain: name, manifest: null },
        { name, text: name, provenance: name },
      );
      const branch = new ChainBranch({ name: 'main', height: firstBlock + 30 });
      return new ReplayServer({ chainId, branches: new Map([['main', branch]]) });
    };
    const servers = { arbitrum: mini('arbitrum', 42161), optimism: mini('optimism', 10) };
    const endpoints = [];
    for (const [name, server] of Object.entries(servers)) {
      endpoints.push('--hypersync-url', `${name}=${await server.listen()}`);
    }
    const names = ['--chain', 'arbitrum,optimism'];
    const cli = run(['index', ...names, ...endpoints, '--follow', '--data', data('several')]);
    await cli.says(/^arbitrum: at the head: block/m);
    await cli.says(/^optimism: at the head: block/m);
    servers.optimism.fail({ status: 401 }, 1_000);
    await cli.says(/^optimism: HyperSync refused the token/m);
    servers.arbitrum.branch.height += 4;
    await new Promise((done) => setTimeout(done, 1_000));
    servers.arbitrum.fail({ status: 401 }, 1_000);
    await cli.says(/^arbitrum: HyperSync refused the token/m);
    expect(await cli.closed).toBe(1);
    expect(cli.stderr).toMatch(/2 of 2 chains failed/);
    const database = await openDatabase({ dataDir: data('several') });
    const rows = await database.select(
      'SELECT chain_id, argMax(state, recorded_at) AS state FROM indexer_states GROUP BY chain_id ORDER BY chain_id',
    );
    const landed = await createClickHouseStore(database).lastCommit(42161, 'project');
    await database.close();
    expect(rows).toEqual([
      { chain_id: '10', state: 'FAILED' },
      { chain_id: '42161', state: 'FAILED' },
    ]);
    expect(landed?.toBlock).toBe(servers.arbitrum.archiveHeight);
    await Promise.all(Object.values(servers).map((server) => server.close()));
  });
});
