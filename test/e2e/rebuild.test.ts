import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuiltChain } from '../../indexer/rebuild/rebuild.ts';
import { finishSwap } from '../../indexer/rebuild/swap.ts';
import { firstJsonLine, runCli, spawnCli, temporaryFolder } from './run-cli.ts';
import { storedDigests, withStore } from './stored-digests.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';
/** Behind the first liquidations; three batches. */
const TO = 2600;
const QUERY = '{ liquidations(first: 1) { totals { closedSizeUsd } nodes { id closedSizeUsd } } }';

describe('bulkhead rebuild', () => {
  const folder = temporaryFolder('rebuild');
  const data = folder.path;
  let clean: Awaited<ReturnType<typeof storedDigests>>;
  let planted: typeof clean;
  let events = 0;

  /** Wrong sizes in one table. */
  const plant = async () => {
    await withStore(data, (_store, database) =>
      database.command(
        `ALTER TABLE liquidations UPDATE size_delta_usd = size_delta_usd * 2 WHERE 1
         SETTINGS mutations_sync = 1`,
      ),
    );
    planted = await storedDigests(data);
    expect(planted).not.toEqual(clean);
  };

  beforeAll(async () => {
    const result = await runCli([
      'index',
      '--archive',
      ARCHIVE,
      '--to',
      String(TO),
      '--data',
      data,
      '--json',
    ]);
    expect(result.code, result.stderr).toBe(0);
    events = (JSON.parse(result.stdout) as { events: number }).events;
    clean = await storedDigests(data);
  });
  afterAll(() => folder.remove());

  it('serves the old answers until the new tables are in place, and then those', async () => {
    await plant();
    const child = spawnCli(['rebuild', '--serve', '--port', '0', '--json', '--data', data]);
    const url = String((await firstJsonLine(child))['url']);
    let rebuilt: RebuiltChain | null = null;
    child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) {
        if (line.includes('"changes"')) rebuilt = JSON.parse(line) as RebuiltChain;
      }
    });
    const ask = async (): Promise<string> => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY }),
      });
      return response.text();
    };
    const before = await ask();
    const answers: string[] = [];
    while (rebuilt === null && child.exitCode === null) answers.push(await ask());
    const after = await ask();
    child.kill('SIGTERM');
    expect(await ending(child)).toEqual({ code: 0, signal: null });

    expect(sizeOf(before)).toBeGreaterThan(0);
    expect(sizeOf(before)).toBeCloseTo(2 * sizeOf(after), 6);
    expect(answers.length).toBeGreaterThan(5);
    // Every answer is one of the two, and none goes back.
    const turn = answers.indexOf(after) < 0 ? answers.length : answers.indexOf(after);
    expect(new Set(answers.slice(0, turn))).toEqual(new Set([before]));
    for (const answer of answers.slice(turn)) expect(answer).toBe(after);
    expect(rebuilt).toMatchObject({
      chain: 'local-gmx-v2',
      chainId: 42161,
      toBlock: TO,
      events,
      changes: [
        {
          table: 'liquidations',
          rowsBefore: clean['liquidations']?.rows,
          rowsAfter: clean['liquidations']?.rows,
          digestBefore: planted['liquidations']?.digest,
          digestAfter: clean['liquidations']?.digest,
        },
      ],
    });
    expect(await storedDigests(data)).toEqual(clean);
  });

  it('stops in seconds when asked to, and goes on from there', async () => {
    await plant();
    const child = spawnCli(['rebuild', '--data', data]);
    await firstBatch(child);
    const askedAt = performance.now();
    child.kill('SIGTERM');
    expect(await ending(child)).toEqual({ code: 130, signal: null });
    expect(performance.now() - askedAt).toBeLessThan(8_000);
    expect(await storedDigests(data)).toEqual(planted);
    const result = await runCli(['rebuild', '--json', '--data', data]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toMatch(/Going on with the rebuild of local-gmx-v2, block [1-9]\d*\./);
    const summary = JSON.parse(result.stdout) as RebuiltChain;
    expect(summary.events).toBeLessThan(events);
    expect(summary.changes.map(({ table }) => table)).toEqual(['liquidations']);
    expect(await storedDigests(data)).toEqual(clean);
  });

  it('ends in the same digests however often it is killed on the way', async () => {
    await plant();
    const delays = Array.from({ length: 3 }, () => Math.floor(Math.random() * 1_200));
    const endings: unknown[] = [];
    for (const delay of delays) {
      const child = spawnCli(['rebuild', '--data', data]);
      await firstBatch(child);
      await sleep(delay);
      child.kill('SIGKILL');
      endings.push(await ending(child));
      const tables = await withStore(data, (_store, database) => finishSwap(database)).then(() =>
        storedDigests(data),
      );
      // All of the old tables, or all of the new ones.
      const isOld = tables['liquidations']?.digest === planted['liquidations']?.digest;
      expect(tables, `killed after ${delays.join(', ')} ms`).toEqual(isOld ? planted : clean);
    }
    expect(endings).toContainEqual({ code: null, signal: 'SIGKILL' });
    const result = await runCli(['rebuild', '--data', data]);
    expect(result.code, result.stderr).toBe(0);
    expect(await storedDigests(data)).toEqual(clean);
    const databases = await withStore(data, (_store, database) =>
      database.select<{ name: string }>('SHOW DATABASES'),
    );
    expect(databases.map(({ name }) => name)).not.toContain('bulkhead_rebuild');
  }, 300_000);

  it('says when nothing changed, and when there is no such chain', async () => {
    const result = await runCli(['rebuild', '--chain-id', '42161', '--data', data]);
    expect(result.stdout).toBe(
      `Rebuilt local-gmx-v2 to block ${TO}: ${events} events. Every table is as it was.\n`,
    );
    const other = await runCli(['rebuild', '--chain-id', '10', '--data', data]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('The store does not hold that chain.');
  });
});

function sizeOf(answer: string): number {
  const { data } = JSON.parse(answer) as {
    data: { liquidations: { totals: { closedSizeUsd: string } } };
  };
  return Number(data.liquidations.totals.closedSizeUsd);
}

/** The first line of progress comes when the first batch is committed. */
function firstBatch(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (/block [\d,]+ of 2,600/.test(chunk.toString())) done();
    });
    child.on('close', () => done());
  });
}

function ending(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      done({ code: child.exitCode, signal: child.signalCode });
    } else child.on('close', (code, signal) => done({ code, signal }));
  });
}
