import { spawn } from 'node:child_process';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReplayProcess } from '../../../indexer/replay/replay-process.ts';
import { connect } from './small-chain.ts';
import { LOGS, makeTinyArchive, writeParquet } from './tiny-archive.ts';

let directory: string;

beforeAll(async () => {
  directory = await makeTinyArchive();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const isUp = (url: string) =>
  fetch(`${url}/height`).then(
    (response) => response.ok,
    () => false,
  );

async function isDownSoon(url: string): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if (!(await isUp(url))) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

describe('startReplayProcess', () => {
  it('serves an archive from a child until it is closed', async () => {
    const replay = await startReplayProcess(directory, { maxBlocksPerRequest: 2 });
    expect(replay.manifest.name).toBe('tiny');
    expect(await connect(replay.url).getChainId()).toBe(7);
    const page = await connect(replay.url).get({
      fromBlock: 10,
      logs: [{}],
      fieldSelection: { log: ['LogIndex'] },
    });
    expect(page).toMatchObject({ nextBlock: 12, archiveHeight: 20 });
    expect(page.data.logs.map((log) => log.logIndex)).toEqual([0, 5]);
    await replay.close();
    await replay.close();
    expect(await isUp(replay.url)).toBe(false);
  });

  it('hands errors of the child over as they were', async () => {
    const bad = await makeTinyArchive();
    await writeParquet(bad, 'logs', [...LOGS].reverse());
    await expect(startReplayProcess(bad)).rejects.toMatchObject({
      name: 'CorruptDataError',
      message: 'The rows are out of order.',
      facts: { file: join(bad, 'logs.parquet'), row: 1 },
      remedy: expect.stringContaining('record the archive again'),
    });
    await truncate(join(bad, 'archive.json'), 5);
    await expect(startReplayProcess(bad)).rejects.toMatchObject({ name: 'CorruptDataError' });
    await rm(bad, { recursive: true });
    await expect(startReplayProcess(bad)).rejects.toMatchObject({ name: 'UsageError' });
  });

  it('ends with its parent, however that ends', async () => {
    const module = fileURLToPath(
      new URL('../../../indexer/replay/replay-process.ts', import.meta.url),
    );
    const script = `
      const { startReplayProcess } = await import(${JSON.stringify(module)});
      const replay = await startReplayProcess(${JSON.stringify(directory)});
      console.log(replay.url);`;
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const url = await new Promise<string>((resolve, reject) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      parent.once('exit', () => reject(new Error('the parent ended too early')));
    });
    expect(await isUp(url)).toBe(true);
    parent.kill('SIGKILL');
    expect(await isDownSoon(url)).toBe(true);
  });
});
