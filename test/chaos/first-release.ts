import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKED = 'test/fixtures/first-release-store/crash-to-500.tar.gz';

/** Unpacks the data folder that the first release wrote (blocks 0 to 500 of the crash archive); its path. */
export function unpackFirstRelease(folder: string): string {
  const data = join(folder, 'first-release');
  mkdirSync(data, { recursive: true });
  execFileSync('tar', ['-xzf', resolve(PACKED), '-C', data]);
  return data;
}
