import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { prepareWorkDirectory } from '../../../indexer/cli/work-directory.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

const folder = temporaryFolder('landing');
afterAll(() => folder.remove());

/** A range that waits, last touched so many hours ago; its file. */
function waiting(dataDirectory: string, chain: string, hours: number): string {
  const ranges = join(dataDirectory, 'landing', chain, `bulkhead-ranges-${hours}`);
  mkdirSync(ranges, { recursive: true });
  const file = join(ranges, 'logs.parquet');
  writeFileSync(file, 'rows');
  const time = Date.now() / 1000 - hours * 3_600;
  utimesSync(ranges, time, time);
  return file;
}

it('leaves alone what another indexer of the same server waits for, and clears what is old', () => {
  const dataDirectory = join(folder.path, 'server');
  const files = ['base', ''].flatMap((chain) =>
    [1, 30].map((h) => waiting(dataDirectory, chain, h)),
  );
  prepareWorkDirectory({ dataDirectory, clickhouseUrl: 'http://localhost:8123' });
  expect(files.map((file) => existsSync(file))).toEqual([true, false, true, false]);
});

it('begins empty in a data folder, which is of one process', () => {
  const dataDirectory = join(folder.path, 'embedded');
  const file = waiting(dataDirectory, 'base', 1);
  const directory = prepareWorkDirectory({ dataDirectory, clickhouseUrl: undefined });
  expect(existsSync(file)).toBe(false);
  expect(existsSync(directory)).toBe(true);
});
