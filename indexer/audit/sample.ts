import { createHash } from 'node:crypto';
import { seededRandom } from '../replay/seeded-random.ts';
import type { EventStore } from '../store/event-store.ts';
import type { BlockRange } from './audit-context.ts';

/** Logs of one sampled range, at least (a block is never cut). */
const LOGS_A_RANGE = 1_000;

/** A seed that changes as the store grows, and is the same for the same store. */
export function seedOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/**
 * `ranges` block ranges, one out of each equal part of `whole`, each with about 1,000 logs; ranges
 * that run into the next one are joined.
 */
export async function sampleRanges(
  store: EventStore,
  chainId: number,
  request: { readonly whole: BlockRange; readonly ranges: number; readonly seed: number },
): Promise<BlockRange[]> {
  const { fromBlock, toBlock } = request.whole;
  const next = seededRandom(request.seed);
  const sampled: BlockRange[] = [];
  const part = (toBlock - fromBlock + 1) / request.ranges;
  for (let index = 0; index < request.ranges && part > 0; index++) {
    const start = Math.floor(fromBlock + part * (index + next()));
    const last = sampled.at(-1);
    if (start > toBlock || (last && start <= last.toBlock)) continue;
    const [end] = await store.select<{ block: string; n: string }>(
      `SELECT max(block_number) AS block, count() AS n FROM (
         SELECT block_number FROM raw_logs
         WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {start:UInt64} AND {toBlock:UInt64}
         ORDER BY block_number LIMIT {logs:UInt64})`,
      { chainId, start, toBlock, logs: LOGS_A_RANGE },
    );
    const isCut = Number(end?.n ?? 0) === LOGS_A_RANGE;
    sampled.push({ fromBlock: start, toBlock: isCut ? Number(end?.block) : toBlock });
  }
  return sampled;
}
