import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../../schema/settings.ts';

/** A folder of ranges changes with every range: one that did not for so long has no process any more. */
const ABANDONED_MILLIS = 24 * 3_600_000;

/**
 * Where ranges wait until they are stored. A data folder belongs to one process, so whatever a crash
 * left there goes; beside a server several may share it, a chain each, and only what is old goes.
 */
export function prepareWorkDirectory(
  settings: Pick<Settings, 'dataDirectory' | 'clickhouseUrl'>,
): string {
  const directory = resolve(settings.dataDirectory, 'landing');
  if (settings.clickhouseUrl === undefined) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const before = Date.now() - ABANDONED_MILLIS;
  for (const folder of rangeFolders(directory)) {
    const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? before;
    if (changed < before) rmSync(folder, { recursive: true, force: true });
  }
  return directory;
}

/** Of an archive, or of one of the chains. */
function rangeFolders(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = join(directory, name);
      return name.startsWith('bulkhead-ranges-') ? [path] : rangeFolders(path);
    });
}
