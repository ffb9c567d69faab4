import { z } from 'zod';
import type { BlockRef, Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

/** GMX V2: `Oracle.sol` reverts when a price, as it is emitted, is older than this. */
export const AGE_BOUND = { venue: 'gmx-v2', parameter: 'maxOraclePriceAge' } as const;

const HOUR = 3_600;

const boundsQuery = loadQuery(
  'oracle-bounds',
  z.object({
    bound_venue: text,
    block_number: count,
    block_timestamp: count,
    bound_seconds: integer,
  }),
);

/** The bound of a venue on the age of its prices through time: from each block on, so many seconds. */
export interface AgeBounds {
  readonly boundVenue: string;
  readonly boundBlocks: readonly number[];
  /** Unix seconds of those blocks. */
  readonly boundTimes: readonly number[];
  /** −1 before the first: no bound is known. */
  readonly boundSeconds: readonly number[];
  /** Starts of the hours within which it became another. */
  readonly changedHours: readonly number[];
}

/** A bound that the chain has stated; published configuration does not bind the past. */
export async function readAgeBounds(
  reader: Reader,
  source: Source,
  asOf: BlockRef,
): Promise<AgeBounds> {
  const rows = await boundsQuery.run(reader, {
    chainId: source.chainId,
    name: AGE_BOUND.parameter,
    toBlock: asOf.block,
  });
  const known = rows.filter((row) => row.bound_venue === AGE_BOUND.venue);
  const times = known.map((row) => row.block_timestamp);
  return {
    boundVenue: AGE_BOUND.venue,
    boundBlocks: [0, ...known.map((row) => row.block_number)],
    boundTimes: [0, ...times],
    changedHours: [...new Set(times.map((time) => Math.floor(time / HOUR) * HOUR))],
    boundSeconds: [-1, ...known.map((row) => Number(row.bound_seconds))],
  };
}
