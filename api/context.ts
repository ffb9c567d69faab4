import { openSnapshot, type Snapshot } from './queries/source-directory.ts';
import type { Reader } from './queries/stored-query.ts';

/** What the resolvers of one request share: all of them see the same heads. */
export interface ApiContext {
  readonly reader: Reader;
  snapshot(): Promise<Snapshot>;
}

export function createContext(reader: Reader): ApiContext {
  let opened: Promise<Snapshot> | null = null;
  return {
    reader,
    snapshot() {
      opened ??= openSnapshot(reader);
      return opened;
    },
  };
}
