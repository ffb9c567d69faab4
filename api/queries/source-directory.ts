import { z } from 'zod';
import { rulesFor } from '../../margin/rules/registry.ts';
import { UsageError } from '../../schema/errors.ts';
import { USD_DECIMALS } from '../../schema/units.ts';
import { finalityHeights, type IndexerReport, toIndexerReport } from './indexer-report.ts';
import {
  type ListedMarket,
  type ListedToken,
  ListingHistory,
  readListings,
} from './market-listings.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const sourcesQuery = loadQuery(
  'sources',
  z.object({
    chain_id: count,
    chain: text,
    is_synthetic: flag,
    name: text,
    description: text,
    source_provenance: text,
    first_block: count,
    manifest: text,
    head_block: count,
    head_hash: text,
    head_timestamp: count,
    rows_method: text,
    committed_at_ms: count,
    landed_from: count,
    landed_block: count,
    landed_at_ms: count,
    indexer_state: text,
    source_height: count,
    safe_depth: count,
    finality_depth: count,
    fault: text,
    failing_since_ms: count.nullable(),
    reported_at_ms: count,
    table_versions: integer,
  }),
);

const blockAtQuery = loadQuery(
  'block-at',
  z.object({ block_number: count, block_hash: text, block_timestamp: count }),
);

const blocksAtTimesQuery = loadQuery(
  'blocks-at-times',
  z.object({ wanted_time: count, block_number: count, block_timestamp: count }),
);

/** One chain of the store, as far as readers may see it. */
export interface Source {
  readonly chainId: number;
  readonly chain: string;
  readonly name: string;
  readonly description: string;
  readonly origin: string;
  readonly isSynthetic: boolean;
  readonly isRecorded: boolean;
  readonly firstBlock: number;
  /** Null before the first commit of the projections. */
  readonly headBlock: number | null;
  readonly headHash: string;
  readonly headTimestamp: number;
  /** First block whose logs are stored; what lies before it is unknown to every answer. */
  readonly landedFrom: number;
  readonly landedBlock: number | null;
  /** Unix milliseconds of the last commit of each stage; 0 before the first. */
  readonly landedAtMs: number;
  readonly committedAtMs: number;
  /** What the indexer of the chain said last; null where none ever ran. */
  readonly indexer: IndexerReport | null;
  /** Versions of the code that made the rows. */
  readonly rowsMethod: string;
  /** Which tables stand behind the names: a rebuild swaps them. */
  readonly tableVersions: bigint;
  /** Names through time; the two below are those at the block that an answer is as of. */
  readonly listings: ListingHistory;
  /** By `venue:address`, as the markets. */
  readonly tokens: ReadonlyMap<string, ListedToken>;
  readonly listedMarkets: ReadonlyMap<string, ListedMarket>;
}

/** A height that an answer is as of, with the last stored header at or below it. */
export interface BlockRef {
  readonly block: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** What one request sees: the sources and their heads do not move while it is answered. */
export interface Snapshot {
  readonly reader: Reader;
  readonly sources: readonly Source[];
}

const NO_LISTINGS = new ListingHistory([]);

/** Reads sources, visible heads, and the names of what they list. */
export async function openSnapshot(reader: Reader): Promise<Snapshot> {
  const rows = await sourcesQuery.run(reader, {});
  const sources = await Promise.all(
    rows.map(async (row) => {
      const source = toSource(row);
      if (source.headBlock === null) return source;
      const listings = await readListings(reader, {
        ...source,
        head: source.headBlock,
        finalBlock: finalityHeights(source).finalBlock ?? -1,
      });
      return namedAt({ ...source, listings }, source.headBlock);
    }),
  );
  return { reader, sources };
}

/**
 * The same heads, with the names that held at a block: an answer as of it must not know what was listed
 * later, also where a question names a market. Without a block, those of the heads.
 */
export function snapshotAt(snapshot: Snapshot, atBlock?: number | null): Snapshot {
  if (atBlock === undefined || atBlock === null) return snapshot;
  return { ...snapshot, sources: snapshot.sources.map((source) => namedAt(source, atBlock)) };
}

function namedAt(source: Source, block: number): Source {
  const { tokens, markets } = source.listings.at(block);
  return { ...source, tokens, listedMarkets: markets };
}

/** Without names yet. */
function toSource(row: Awaited<ReturnType<typeof sourcesQuery.run>>[number]): Source {
  // A source without commits joins to zeros; a committed block always has a hash.
  const isProjected = row.head_hash !== '';
  return {
    chainId: row.chain_id,
    chain: row.chain,
    name: row.name,
    description: row.description,
    origin: row.source_provenance,
    isSynthetic: row.is_synthetic,
    isRecorded: row.manifest !== '',
    firstBlock: row.first_block,
    headBlock: isProjected ? row.head_block : null,
    headHash: row.head_hash,
    headTimestamp: row.head_timestamp,
    landedFrom: row.landed_from,
    landedBlock: row.landed_block === 0 && !isProjected ? null : row.landed_block,
    landedAtMs: row.landed_at_ms,
    committedAtMs: row.committed_at_ms,
    indexer: toIndexerReport(row),
    rowsMethod: row.rows_method,
    tableVersions: row.table_versions,
    listings: NO_LISTINGS,
    tokens: new Map(),
    listedMarkets: new Map(),
  };
}

/** Symbol and decimals of a token of a venue; nulls where nobody states them (never guessed). */
export function tokenOf(source: Source, venue: string, address: string): ListedToken {
  return (
    source.tokens.get(`${venue}:${address}`) ?? {
      address,
      symbol: null,
      decimals: null,
      priceDecimals: null,
    }
  );
}

/**
 * A collateral token in the units its venue books collateral in: base units, or USD 1e30 (then a
 * whole unit is one dollar, whatever token was paid in).
 */
export function collateralOf(source: Source, venue: string, address: string): ListedToken {
  const token = tokenOf(source, venue, address);
  if (rulesFor(venue).collateralUnit === 'TOKEN') return token;
  return { ...token, symbol: 'USD', decimals: USD_DECIMALS, priceDecimals: 0 };
}

/**
 * The source to answer from: the one of `chainId`, or the only one there is.
 * @throws UsageError when it is not in the store, is ambiguous, or nothing is indexed yet.
 */
export function chooseSource(snapshot: Snapshot, chainId?: number | null): Source {
  const known = snapshot.sources.map(({ chainId: id, chain }) => `${id} (${chain})`).join(', ');
  const [only] = snapshot.sources;
  if (!only) {
    throw new UsageError('The store holds no chain yet.', {
      remedy: 'Index one first: `bulkhead start` or `bulkhead index`.',
    });
  }
  if (chainId === undefined || chainId === null) {
    if (snapshot.sources.length === 1) return only;
    throw new UsageError('The store holds several chains: say which.', {
      facts: { chainIds: known },
      remedy: 'Give the argument chainId.',
    });
  }
  const source = snapshot.sources.find((candidate) => candidate.chainId === chainId);
  if (!source) {
    throw new UsageError('That chain is not in the store.', {
      facts: { chainId, chainIds: known },
    });
  }
  return source;
}

/** Visible head. @throws UsageError when no batch is committed yet. */
export function headOf(source: Source): BlockRef {
  if (source.headBlock === null) {
    throw new UsageError('Nothing of this chain is indexed yet.', {
      facts: { chain: source.chain },
      remedy: 'Wait for the first batch; the field `status` shows the progress.',
    });
  }
  return { block: source.headBlock, hash: source.headHash, timestamp: source.headTimestamp };
}

/** Nothing is known of that block, not even that nothing happened in it. */
export class BlockOutOfRangeError extends UsageError {
  constructor({ chain, firstBlock }: Source, atBlock: number, headBlock: number) {
    super('That block is outside what is indexed.', {
      facts: { chain, atBlock, firstBlock, headBlock },
      remedy:
        'Ask for a block between firstBlock and headBlock, or leave atBlock out for the head.',
    });
  }
}

/**
 * The block an answer is as of: the visible head, or `atBlock`.
 * @throws BlockOutOfRangeError when `atBlock` is above the head or below the first block.
 */
export async function resolveBlock(
  reader: Reader,
  source: Source,
  atBlock?: number | null,
): Promise<BlockRef> {
  const head = headOf(source);
  if (atBlock === undefined || atBlock === null || atBlock === head.block) return head;
  if (atBlock > head.block || atBlock < source.firstBlock) {
    throw new BlockOutOfRangeError(source, atBlock, head.block);
  }
  const [row] = await blockAtQuery.run(reader, { chainId: source.chainId, block: atBlock });
  if (!row) {
    // The first blocks of a range may be without logs, and then without headers.
    throw new BlockOutOfRangeError(source, atBlock, head.block);
  }
  return { block: atBlock, hash: row.block_hash, timestamp: row.block_timestamp };
}

/**
 * Last stored block at or before each time (unix seconds), none above `toBlock` (default: the head);
 * times before the first block are left out.
 */
export async function blocksAtTimes(
  reader: Reader,
  source: Source,
  times: readonly number[],
  toBlock?: number,
): Promise<Map<number, { block: number; timestamp: number }>> {
  const rows = await blocksAtTimesQuery.run(reader, {
    chainId: source.chainId,
    head: toBlock ?? headOf(source).block,
    times: [...times],
  });
  return new Map(
    rows.map((row) => [
      row.wanted_time,
      { block: row.block_number, timestamp: row.block_timestamp },
    ]),
  );
}
