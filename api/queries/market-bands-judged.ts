import { z } from 'zod';
import { type JudgedMargin, type MarginSpread, marginSpread } from '../../margin/margin-spread.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { MAX_ASSESSMENTS } from '../limits.ts';
import type { Side } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import type { ColumnEnd } from './heatmap-columns.ts';
import type { MarketRef } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import type { BlockRef } from './source-directory.ts';
import { count, flag, loadQuery, type Reader, text } from './stored-query.ts';

const statesQuery = loadQuery(
  'market-bands-states',
  z.object({
    position_key: text,
    is_long: flag,
    state: text,
    block_number: count,
    until_block: count,
  }),
);

/** What a column shows of its market, and the instant at which it stood. */
export interface SpreadAt {
  readonly block: number;
  readonly timestamp: number;
  readonly spread: MarginSpread;
}

export interface ColumnSpreads {
  /** One a column; null where nothing is known. */
  readonly spreads: readonly (SpreadAt | null)[];
  readonly caveats: readonly string[];
  readonly readPublishedParameters: boolean;
}

interface OpenState {
  readonly positionKey: string;
  readonly side: Side;
  readonly fromBlock: number;
  /** Exclusive. */
  readonly untilBlock: number;
  readonly state: unknown;
}

/**
 * Every open position of a market (or one side) judged at the last block of each column, by the rules of its venue.
 * @throws UsageError above MAX_ASSESSMENTS.
 */
export async function judgeColumns(
  reader: Reader,
  ref: MarketRef,
  side: Side | null,
  ends: readonly ColumnEnd[],
): Promise<ColumnSpreads> {
  // Several columns may end at one block: it is judged once.
  const instants = new Map(ends.flatMap(({ block }) => (block ? [[block.block, block]] : [])));
  const blocks = [...instants.keys()].sort((a, b) => a - b);
  const [timeline, states] = await Promise.all([
    readMarketTimeline(reader, { ...ref, blocks }),
    readOpenStates(reader, ref, side, blocks),
  ]);
  const columns = blocks.flatMap((block) => {
    const instant = instants.get(block);
    return instant ? [{ instant, open: states.filter((one) => holdsAt(one, block)) }] : [];
  });
  refuseTooMany(columns.reduce((sum, { open }) => sum + open.length, 0));
  const byBlock = new Map<number, MarginSpread>();
  const unknown = new Map<string, number>();
  const pause = new CooperativePause();
  for (const { instant, open } of columns) {
    const judged = await judgeAll(timeline, instant, open, unknown, pause);
    byBlock.set(instant.block, marginSpread(judged, open.length - judged.length));
  }
  return {
    spreads: ends.map(({ block }) => {
      const spread = block && byBlock.get(block.block);
      return block && spread ? { ...block, spread } : null;
    }),
    caveats: [...unknown].map(([reason, times]) => `${times} judgements left out: ${reason}`),
    readPublishedParameters: timeline.readPublishedParameters(),
  };
}

async function readOpenStates(
  reader: Reader,
  ref: MarketRef,
  side: Side | null,
  blocks: readonly number[],
): Promise<OpenState[]> {
  const [fromBlock, toBlock] = [blocks[0], blocks.at(-1)];
  if (fromBlock === undefined || toBlock === undefined) return [];
  const rows = await statesQuery.run(reader, {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    side: side ?? '',
    fromBlock,
    toBlock,
    blocks,
    limit: MAX_ASSESSMENTS + 1,
  });
  refuseTooMany(rows.length); // each is judged once or more
  return rows.map((row) => ({
    positionKey: row.position_key,
    side: row.is_long ? 'LONG' : 'SHORT',
    fromBlock: row.block_number,
    untilBlock: row.until_block,
    state: decodeState<unknown>(row.state),
  }));
}

function holdsAt({ fromBlock, untilBlock }: OpenState, block: number): boolean {
  return fromBlock <= block && block < untilBlock;
}

function refuseTooMany(judgements: number): void {
  if (judgements <= MAX_ASSESSMENTS) return;
  throw new UsageError('That asks for too many judgements.', {
    facts: { judgements, limit: MAX_ASSESSMENTS },
    remedy: 'Ask for fewer columns, a narrower window, or one side.',
  });
}

async function judgeAll(
  timeline: MarketTimeline,
  { block, timestamp }: Pick<BlockRef, 'block' | 'timestamp'>,
  open: readonly OpenState[],
  unknown: Map<string, number>,
  pause: CooperativePause,
): Promise<JudgedMargin[]> {
  const market = timeline.marketAt(block)?.state;
  const prices = timeline.pricesAt(block);
  const parameters = timeline.parametersAt(block);
  const judged: JudgedMargin[] = [];
  for (const position of open) {
    await pause.breathe();
    try {
      const input = { position: position.state, market, parameters, prices, timestamp, block };
      const { positionKey, side } = position;
      judged.push({ positionKey, isLong: side === 'LONG', ...timeline.rules.assess(input) });
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    }
  }
  return judged;
}
