import {
  type BlockRef,
  openSnapshot,
  resolveBlock,
  type Snapshot,
  type Source,
} from './queries/source-directory.ts';
import type { Reader } from './queries/stored-query.ts';

/** What the resolvers of one request share: all of them see the same heads. */
export interface ApiContext {
  readonly reader: Reader;
  snapshot(): Promise<Snapshot>;
  /** A block that many rows of an answer are as of: its header is read once. */
  blockAt(source: Source, block: number): Promise<BlockRef>;
}

export function createContext(reader: Reader): ApiContext {
  let opened: Promise<Snapshot> | null = null;
  const blocks = new Map<string, Promise<BlockRef>>();
  return {
    reader,
    snapshot() {
      opened ??= openSnapshot(reader);
      return opened;
    },
    blockAt(source, block) {
      const key = `${source.chainId}@${block}`;
      const found = blocks.get(key) ?? resolveBlock(reader, source, block);
      blocks.set(key, found);
      return found;
    },
  };
}
