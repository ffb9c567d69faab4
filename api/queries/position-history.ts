import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { parseId, positionId } from '../../schema/ids.ts';
import { chooseSource, type Snapshot, type Source } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const historyQuery = loadQuery(
  'position-history',
  z.object({
    life: count,
    status: z.enum(['OPEN', 'CLOSED', 'LIQUIDATED']),
    cause: text,
    account: text,
    market: text,
    collateral_token: text,
    is_long: flag,
    size_usd: integer,
    size_base: integer,
    collateral_raw: integer,
    opened_at: count,
    opened_block: count,
    state: text,
    block_timestamp: count,
    transaction_hash: text,
    block_number: count,
    log_index: count,
    sub_index: count,
  }),
);

export type PositionStateRow = Awaited<ReturnType<typeof historyQuery.run>>[number];

/** Which position, by the parts of its id. */
export interface PositionRef {
  readonly source: Source;
  readonly venue: string;
  readonly positionKey: string;
}

/** @throws UsageError when the text is not an id, or of a chain the store does not hold. */
export function parsePositionId(snapshot: Snapshot, id: string): PositionRef {
  const { chainId, venue, key } = parseId(id);
  return { source: chooseSource(snapshot, chainId), venue, positionKey: key };
}

export function idOf(ref: PositionRef): string {
  return positionId(ref.source.chainId, ref.venue, ref.positionKey);
}

/** States of a position up to a block, in chain order; none before its first event. */
export function readPositionStates(
  reader: Reader,
  ref: PositionRef,
  toBlock: number,
): Promise<PositionStateRow[]> {
  return historyQuery.run(reader, {
    chainId: ref.source.chainId,
    venue: ref.venue,
    positionKey: ref.positionKey,
    toBlock,
  });
}

/**
 * States of a position up to a block, in chain order, at least one.
 * @throws UsageError when the position had no event by then.
 */
export async function readPositionHistory(
  reader: Reader,
  ref: PositionRef,
  toBlock: number,
): Promise<[PositionStateRow, ...PositionStateRow[]]> {
  const [first, ...rest] = await readPositionStates(reader, ref, toBlock);
  if (!first) {
    throw new UsageError('There is no such position at that block.', {
      facts: { id: idOf(ref), block: toBlock },
      remedy: 'Take an id from a `positions` answer, or ask for a later block.',
    });
  }
  return [first, ...rest];
}
