import { UsageError } from '../../schema/errors.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../limits.ts';

/** What a page asks of SQL, as the relay plugin hands it over. */
export interface PageRequest {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
  readonly inverted: boolean;
}

/**
 * A cursor names the block its list is as of, so that pages stay in step while the head moves, and
 * the place of its item: sort key, then tie-breaker.
 */
export interface Cursor {
  readonly block: number;
  readonly sortKey: bigint;
  readonly tie: string;
}

export function encodeCursor({ block, sortKey, tie }: Cursor): string {
  return Buffer.from(`${block}|${sortKey}|${tie}`).toString('base64url');
}

/** @throws UsageError when the text was not made by `encodeCursor`. */
export function decodeCursor(cursor: string): Cursor {
  const decoded = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^(\d{1,15})\|(-?\d{1,77})\|(0x[0-9a-f]{1,128}|\d{1,20})$/.exec(decoded);
  if (!match) {
    throw new UsageError('That is not a cursor.', {
      facts: { cursor: cursor.slice(0, 120) },
      remedy: 'Take endCursor or startCursor from a page of the same list.',
    });
  }
  const [, block, sortKey, tie] = match;
  return { block: Number(block), sortKey: BigInt(sortKey ?? 0), tie: tie ?? '' };
}

/** Placeholders of the page bounds, apart from the tie-breaker, whose type differs by list. */
export function pageParameters(page: PageRequest) {
  const after = page.after === undefined ? null : decodeCursor(page.after);
  const before = page.before === undefined ? null : decodeCursor(page.before);
  return {
    after,
    before,
    parameters: {
      hasAfter: after !== null,
      afterSort: (after?.sortKey ?? 0n).toString(),
      hasBefore: before !== null,
      beforeSort: (before?.sortKey ?? 0n).toString(),
      inverted: page.inverted,
      limit: page.limit,
    },
  };
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** What decides which page it is, the default size filled in, for the digest of its answer. */
export function placeOfPage({ first, last, after, before }: PageArguments): PageArguments {
  const size = first ?? (last === undefined || last === null ? DEFAULT_PAGE_SIZE : null);
  return { first: size, last, after, before };
}

/**
 * The block a page is as of: what the cursor says, unless the caller says it.
 * @throws UsageError when a page size is out of bounds, both ends are asked, or cursor and caller disagree.
 */
export function blockOfPage(args: PageArguments, atBlock?: number | null): number | null {
  for (const [name, size] of [
    ['first', args.first],
    ['last', args.last],
  ] as const) {
    if (size !== undefined && size !== null && (size < 0 || size > MAX_PAGE_SIZE)) {
      throw new UsageError('The page size is out of bounds.', {
        facts: { [name]: size, most: MAX_PAGE_SIZE },
        remedy: 'Ask for a smaller page and follow pageInfo.endCursor.',
      });
    }
  }
  if (typeof args.first === 'number' && typeof args.last === 'number') {
    throw new UsageError('Give first or last, not both.');
  }
  const cursor = args.after ?? args.before;
  if (!cursor) return atBlock ?? null;
  const { block } = decodeCursor(cursor);
  if (atBlock !== undefined && atBlock !== null && atBlock !== block) {
    throw new UsageError('The cursor belongs to a list at another block.', {
      facts: { atBlock, cursorBlock: block },
    });
  }
  return block;
}
