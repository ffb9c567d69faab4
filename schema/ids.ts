import { UsageError } from './errors.ts';

/**
 * Every identity is made here. Chain id first, lower-case hex always.
 * The chain id alone does not name a source: an archive of a local chain may bear a public id.
 */

/**
 * Position: chain, venue, position key of the venue's contract. The key is reused after a close;
 * `life` (1, 2, ...) tells one life from the next.
 * @example '42161:gmx-v2:0xf482414115f59b8ffe98ebbe071da3189e4ddb21c7618a999b560688e02ab205'
 */
export function positionId(chainId: number, venue: string, positionKey: string): string {
  return `${chainId}:${venue}:${positionKey.toLowerCase()}`;
}

/** @example '42161:gmx-v2:0x28b77f5759010d35913196cabd4afec8403f53be' */
export function marketId(chainId: number, venue: string, market: string): string {
  return `${chainId}:${venue}:${market.toLowerCase()}`;
}

/**
 * An event by its place: `logIndex` is the index of the log in the block, not in the transaction.
 * @example '42161:gmx-v2:2810:17'
 */
export function eventId(chainId: number, venue: string, block: number, logIndex: number): string {
  return `${chainId}:${venue}:${block}:${logIndex}`;
}

export interface ParsedId {
  readonly chainId: number;
  readonly venue: string;
  readonly key: string;
}

/** Parts of a position or market id. @throws UsageError when the text is not one. */
export function parseId(id: string): ParsedId {
  const match =
    /^(\d{1,10}):([a-z0-9-]{1,40}):(0x[0-9a-fA-F]{1,128}|\d{1,40}|\d{1,12}:\d{1,8})$/.exec(id);
  if (!match) {
    throw new UsageError('That is not an id.', {
      facts: { id: id.slice(0, 120) },
      remedy:
        'Ids look like 42161:gmx-v2:0x<hex> or 42161:gtrade:3; take one from a `positions` or `markets` answer.',
    });
  }
  return { chainId: Number(match[1]), venue: match[2] ?? '', key: (match[3] ?? '').toLowerCase() };
}
