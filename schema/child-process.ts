import { createRequire } from 'node:module';

/**
 * Flags for a forked process of ours: our own loader flags, so that TypeScript loads the same way
 * there; nothing else, because others (`-e`, `--inspect`, `--test`) mean our own program and must
 * not run twice.
 */
export function childExecArgv(): string[] {
  const own = process.execArgv.flatMap((flag, i) => {
    const [name, inlineValue] = flag.split('=');
    const isLoader = name === '--import' || name === '--require' || name === '--loader';
    const value = inlineValue ?? process.execArgv[i + 1];
    return isLoader && value !== undefined ? [name, value] : [];
  });
  if (own.some((flag) => flag.includes('tsx'))) return own;
  return ['--import', createRequire(import.meta.url).resolve('tsx')];
}
