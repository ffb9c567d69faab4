import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackFirstRelease } from '../indexer/rebuild/first-release-store.ts';
import { type CliResult, runCli, temporaryFolder } from './run-cli.ts';
import { storedDigests, withStore } from './stored-digests.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';

const APPLY_THEN_DIE = fileURLToPath(new URL('./apply-then-die.ts', import.meta.url));

/** 200 blocks further than the first release got. */
const index = (data: string): Promise<CliResult> =>
  runCli(['index', '--archive', ARCHIVE, '--to', '700', '--data', data, '--json']);

describe('a store that the first release wrote', () => {
  const folders: { readonly path: string; remove(): void }[] = [];
  const unpack = () => {
    const folder = unpackFirstRelease();
    folders.push(folder);
    return folder.path;
  };
  let fresh: Awaited<ReturnType<typeof storedDigests>>;

  beforeAll(async () => {
    const folder = temporaryFolder('fresh');
    folders.push(folder);
    const result = await index(folder.path);
    expect(result.code, result.stderr).toBe(0);
    fresh = await storedDigests(folder.path);
  });
  afterAll(() => {
    for (const folder of folders) folder.remove();
  });

  it('is migrated, projected again and indexed on: as if this release had written it', async () => {
    const data = unpack();
    const result = await index(data);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toMatch(
      /The rows of local-gmx-v2 were made by other rules \(gmx-v2\/1 → gmx-v2\/\d+, .*\): they are made again from the stored logs\./,
    );
    // The logs of its 500 blocks are not asked for again.
    const summary = JSON.parse(result.stdout) as { logs: number; toBlock: number };
    expect(summary).toMatchObject({ toBlock: 700, logs: (fresh['raw_logs']?.rows ?? 0) - 786 });
    expect(await storedDigests(data)).toEqual(fresh);
    const verified = await runCli(['verify', '--json', '--full', '--data', data]);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });

  it('is finished after kills -9 between the statements of its migrations', async () => {
    const data = unpack();
    for (const count of [1, 3]) {
      const child = spawnSync(
        process.execPath,
        ['--import', 'tsx', APPLY_THEN_DIE, data, String(count)],
        { encoding: 'utf8' },
      );
      expect(child.signal, child.stderr).toBe('SIGKILL');
      // Otherwise the kill came behind the last one, not between two.
      expect(Number(child.stdout)).toBeGreaterThan(count);
    }
    const result = await index(data);
    expect(result.code, result.stderr).toBe(0);
    expect(await storedDigests(data)).toEqual(fresh);
  });

  it('is left alone by a release older than the one that wrote it', async () => {
    const data = unpack();
    await withStore(data, (_store, database) =>
      database.command(
        "INSERT INTO migrations SELECT 9999, '9999_of_tomorrow.sql', 'c0ffee', now64(3, 'UTC')",
      ),
    );
    const before = await storedDigests(data);
    for (const command of [
      ['index', '--archive', ARCHIVE],
      ['rebuild'],
      ['serve', '--port', '0'],
    ]) {
      const result = await runCli([...command, '--data', data]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('The database was made by a newer version of Bulkhead.');
      expect(result.stderr).toContain('Update Bulkhead');
    }
    expect(await storedDigests(data)).toEqual(before);
  });
});
