import type { HeadReader } from '../source/head-reader.ts';
import type { EventStore } from '../store/event-store.ts';

/** Newest stored hash at or below a block: of a commit's last block, or of a stored header. */
const NEWEST_HASH = `
SELECT block, hash FROM
(
    (SELECT to_block AS block, last_block_hash AS hash FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = 'land' AND to_block <= {block:Int64} AND last_block_hash != ''
     ORDER BY to_block DESC LIMIT 1)
    UNION ALL
    (SELECT block_number, concat('0x', lower(hex(block_hash))) FROM blocks
     WHERE chain_id = {chainId:UInt64} AND block_number <= {block:Int64}
     ORDER BY block_number DESC LIMIT 1)
)
ORDER BY block DESC
LIMIT 1`;

/**
 * Highest block whose stored hash is still the chain's, searched by halving over everything that is
 * stored: two branches agree up to one block and nowhere above. Null when no stored block agrees.
 */
export async function highestSharedBlock(request: {
  readonly store: EventStore;
  readonly head: HeadReader;
  readonly chainId: number;
  /** Known not to be shared, or not to be there. */
  readonly belowBlock: number;
  readonly signal: AbortSignal;
}): Promise<number | null> {
  const { store, head, chainId, signal } = request;
  let shared: number | null = null;
  // Nothing at or below `low` is in question any more; `high` is not shared.
  let low = -1;
  let high = request.belowBlock;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const [stored] = await store.select<{ block: string; hash: string }>(NEWEST_HASH, {
      chainId,
      block: middle,
    });
    const block = Number(stored?.block ?? -1);
    if (!stored || block <= low) low = middle;
    else if ((await head.hashOf(block, signal)) === stored.hash) {
      shared = block;
      low = middle;
    } else high = block;
  }
  return shared;
}
