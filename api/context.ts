import { setTimeout as wait } from 'node:timers/promises';
import {
  type BlockRef,
  openSnapshot,
  resolveBlock,
  type Snapshot,
  type Source,
  snapshotAt,
} from './queries/source-directory.ts';
import { standHeads } from './queries/standing-heads.ts';
import { DatabaseUnavailableError, HeadsMovedError, type Reader } from './queries/stored-query.ts';

/** What the resolvers of one answer share: all of them see the same heads. */
export interface ApiContext {
  readonly reader: Reader;
  /** With names as of a block, where an answer is as of one; else of the heads. */
  snapshot(atBlock?: number | null): Promise<Snapshot>;
  /** A block that many rows of an answer are as of: its header is read once. */
  blockAt(source: Source, block: number): Promise<BlockRef>;
  /** Says that the answer holds facts of a chain that somebody else read (a kept picture). */
  uses(chainId: number): void;
  /** Whether the heads of the chains the answer was read from are what they were at its start. */
  isWhole(): Promise<boolean>;
}

export function createContext(database: Reader): ApiContext {
  let opened: Promise<Snapshot> | null = null;
  const used = new Set<number>();
  const blocks = new Map<string, Promise<BlockRef>>();
  const reader: Reader = {
    select(query, parameters, settings) {
      const chainId: unknown = parameters?.['chainId'];
      if (typeof chainId === 'number') used.add(chainId);
      return database.select(query, parameters, settings);
    },
  };
  return {
    reader,
    async snapshot(atBlock) {
      opened ??= openSnapshot(database).then(({ sources }) => ({ reader, sources }));
      return snapshotAt(await opened, atBlock);
    },
    blockAt(source, block) {
      const key = `${source.chainId}@${block}`;
      const found = blocks.get(key) ?? resolveBlock(reader, source, block);
      blocks.set(key, found);
      return found;
    },
    uses(chainId) {
      used.add(chainId);
    },
    async isWhole() {
      if (opened === null || used.size === 0) return true;
      const { sources } = await opened;
      return standHeads(
        database,
        sources.filter(({ chainId }) => used.has(chainId)),
      );
    },
  };
}

/** Before each attempt: a rollback of some blocks, or the swap of all tables, takes about so long. */
const PAUSES_MS = [0, 100, 400];

/**
 * Makes an answer that is of one branch of each chain, and of one build of its tables. An answer takes
 * several queries while the indexer goes on: new blocks do not touch it (its queries stop at its
 * head), but a rollback or the swap of a rebuild may take rows away between two of them. Then the
 * answer is made again.
 * @throws HeadsMovedError when that happens again and again; what `make` throws when it does not.
 */
export async function makeWhole<T>(
  database: Reader,
  make: (context: ApiContext) => Promise<T>,
): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    if (pauseMs > 0) await wait(pauseMs);
    const context = createContext(database);
    // A refusal counts as an answer: what it rests on may be gone too.
    const [outcome] = await Promise.allSettled([make(context)]);
    // Away: asking once more whether the heads stand would only wait longer.
    const isAway =
      outcome.status === 'rejected' && outcome.reason instanceof DatabaseUnavailableError;
    if (isAway) throw outcome.reason;
    if (await context.isWhole()) {
      if (outcome.status === 'fulfilled') return outcome.value;
      throw outcome.reason;
    }
  }
  throw new HeadsMovedError();
}
