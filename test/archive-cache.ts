import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileProgram } from './compiled-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder where archives that were indexed in this run are kept for the next test file. */
    archiveCache: string;
  }
}

/** A file system in memory: every insert is synced, which a disk lets us wait for. */
const MEMORY = '/dev/shm';
const MEMORY_BYTES_NEEDED = 4 * 2 ** 30;

/**
 * Vitest's global setup: one folder for everything that the run writes, gone after the last test
 * file. In memory where there is room, unless TMPDIR says where to.
 */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(temporaryRoot(), 'bulkhead-tests-'));
  // The workers, and the commands they run, inherit it.
  process.env['TMPDIR'] = folder;
  process.env['COMPILED_PROGRAM'] = compileProgram(join(folder, 'program'));
  project.provide('archiveCache', mkdtempSync(join(folder, 'indexed-')));
  return () => rmSync(folder, { recursive: true, force: true });
}

function temporaryRoot(): string {
  if (process.env['TMPDIR'] !== undefined) return tmpdir();
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= MEMORY_BYTES_NEEDED ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
