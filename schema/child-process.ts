import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Whether we run as JavaScript that was made of our files, which keep their names but for the ending. */
const IS_COMPILED = import.meta.url.endsWith('.js');

/** Path of a module of ours to fork, given as the TypeScript file that it is written in. */
export function childModule(source: URL): string {
  const path = fileURLToPath(source);
  return IS_COMPILED ? path.replace(/\.ts$/, '.js') : path;
}

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
  if (IS_COMPILED || own.some((flag) => flag.includes('tsx'))) return own;
  return ['--import', createRequire(import.meta.url).resolve('tsx')];
}
