import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['schema', 'margin', 'indexer', 'api'];

/**
 * The program as JavaScript under `folder`; path of its entry. Tests start it more than a hundred
 * times, and the TypeScript loader takes every module of every start through a thread of its own:
 * 2.4 s of CPU, without it 0.9. What the loader does for a user is tested by those that start with it.
 */
export function compileProgram(folder: string): string {
  const flags = ['--noCheck', '--noEmit', 'false', '--rewriteRelativeImportExtensions', '--outDir'];
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', ROOT, ...flags, folder]);
  for (const room of ROOMS) {
    const isAsset = (path: string) => !path.endsWith('.ts');
    cpSync(join(ROOT, room), join(folder, room), { recursive: true, filter: isAsset });
  }
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'archives'])
    symlinkSync(join(ROOT, name), join(folder, name));
  return join(folder, 'indexer/cli/main.js');
}
