import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment of a command under test: nothing of the developer's own settings leaks in. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: tmpdir(), ...extra };
}

/** As a user starts it. */
export const FROM_SOURCE = ['--import', 'tsx', 'indexer/cli/main.ts'];

/** The same program without its loader, where the test run has made it. */
function program(): readonly string[] {
  const compiled = process.env['COMPILED_PROGRAM'];
  // Without the loader, Node warns of JSON modules.
  return compiled === undefined ? FROM_SOURCE : ['--no-warnings', compiled];
}

export function spawnCli(
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
  entry = program(),
): ChildProcess {
  return spawn(process.execPath, [...entry, ...args], {
    env: environment(extra),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs one `bulkhead` command to its end, as a user would. */
export function runCli(
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const child = spawnCli(args, extra);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })));
}

/** Resolves with the first stdout line that parses as JSON. */
export function firstJsonLine(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((done, fail) => {
    let text = '';
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = text.split('\n').find((part) => part.startsWith('{') && part.endsWith('}'));
      if (line) done(JSON.parse(line) as Record<string, unknown>);
    });
    child.on('close', (code) => fail(new Error(`ended with ${code}\n${text}\n${errors}`)));
  });
}

export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `bulkhead-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
