import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import { runCli, temporaryFolder } from './e2e/run-cli.ts';

/** Longer than any archive takes to be indexed on a busy machine. */
const PATIENCE_MILLIS = 300_000;

/**
 * A data folder of its own in which these bundled archives are indexed, by the command a user runs.
 * The first test file that asks for them indexes them; the others get a copy.
 */
export async function indexedArchives(
  ...names: readonly string[]
): Promise<{ path: string; remove(): void }> {
  const kept = await keptFolder(names);
  const folder = temporaryFolder('archive');
  cpSync(kept, folder.path, { recursive: true });
  return folder;
}

/** The folder that is copied: made if it is not there, several archives from one without the last. */
async function keptFolder(names: readonly string[]): Promise<string> {
  const kept = join(inject('archiveCache'), names.join('+'));
  if (!existsSync(kept)) await indexOnce(kept, names);
  return kept;
}

/** Indexes into `kept` unless another test file is at it: then waits for that one. */
async function indexOnce(kept: string, names: readonly string[]): Promise<void> {
  const making = `${kept}.making`;
  if (!isFirst(making)) {
    const deadline = performance.now() + PATIENCE_MILLIS;
    while (existsSync(making) && performance.now() < deadline) await sleep(100);
    expect(existsSync(kept), `${names.join(', ')}: indexed by another test file`).toBe(true);
    return;
  }
  try {
    // Done between our two looks.
    if (existsSync(kept)) return;
    const others = names.slice(0, -1);
    if (others.length > 0) cpSync(await keptFolder(others), making, { recursive: true });
    const archive = `archives/${names.at(-1)}`;
    const result = await runCli(['index', '--archive', archive, '--data', making]);
    expect(result.code, result.stderr).toBe(0);
    renameSync(making, kept);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** One process makes the folder; the others learn that it is there. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
