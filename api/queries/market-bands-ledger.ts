import { z } from 'zod';
import { parseMarginSpread } from '../../margin/margin-spread.ts';
import type { Side } from './answers.ts';
import type { ColumnEnd } from './heatmap-columns.ts';
import { stretchesOf } from './liquidation-ledger.ts';
import type { SpreadAt } from './market-bands-judged.ts';
import type { MarketRef } from './market-ref.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const hoursQuery = loadQuery('market-bands-hours', z.object({ start: count, newest_block: count }));

const spreadsQuery = loadQuery(
  'market-bands-spreads',
  z.object({ block_number: count, block_timestamp: count, spread: text }),
);

/**
 * The spread of margins that was kept last by the end of each column, of both sides or one; null before the first.
 * What is read grows with the columns, not with the positions: the text of a spread is only read where it is shown.
 */
export async function readHourlySpreads(
  reader: Reader,
  request: {
    readonly ref: MarketRef;
    readonly side: Side | null;
    readonly ends: readonly ColumnEnd[];
  },
): Promise<(SpreadAt | null)[]> {
  const { ref, side, ends } = request;
  const stretches = stretchesOf(ends.flatMap(({ block }) => (block ? [block.block] : [])));
  const scope = {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    side: side ?? '',
  };
  const hours =
    stretches.length === 0
      ? []
      : await hoursQuery.run(reader, {
          ...scope,
          starts: stretches.map(({ start }) => start),
          toBlock: stretches.at(-1)?.end ?? 0,
        });
  const newestOf = new Map(hours.map((row) => [row.start, row.newest_block]));
  const blockAt = new Map<number, number>();
  let newest: number | null = null;
  for (const { start, end } of stretches) {
    newest = newestOf.get(start) ?? newest;
    if (newest !== null) blockAt.set(end, newest);
  }
  const blocks = [...new Set(blockAt.values())];
  const rows = blocks.length === 0 ? [] : await spreadsQuery.run(reader, { ...scope, blocks });
  const spreads = new Map(
    rows.map((row): [number, SpreadAt] => [
      row.block_number,
      {
        block: row.block_number,
        timestamp: row.block_timestamp,
        spread: parseMarginSpread(row.spread),
      },
    ]),
  );
  return ends.map(({ block }) => {
    const kept = block === null ? undefined : blockAt.get(block.block);
    return kept === undefined ? null : (spreads.get(kept) ?? null);
  });
}
