import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder where archives that were indexed in this run are kept for the next test file. */
    archiveCache: string;
  }
}

/** Vitest's global setup: made before the first test file, gone after the last. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-indexed-'));
  project.provide('archiveCache', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
