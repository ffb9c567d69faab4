import { z } from 'zod';
import { decodeState } from '../../margin/state-codec.ts';
import { UsageError } from '../../schema/errors.ts';
import { MAX_LATENCY_LIQUIDATIONS } from '../limits.ts';
import type { MarketRef } from './market-ref.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const casesQuery = loadQuery(
  'liquidation-latency-cases',
  z.object({
    position_key: text,
    life: count,
    account: text,
    is_long: flag,
    liquidator: text,
    closed_size_usd: integer,
    penalty_usd: integer,
    index_price_min: integer,
    index_price_max: integer,
    price_observed_at: count.nullable(),
    block_timestamp: count,
    transaction_hash: text,
    block_number: count,
    log_index: count,
  }),
);

const statesQuery = loadQuery(
  'liquidation-latency-states',
  z.object({
    position_key: text,
    life: count,
    status: z.enum(['OPEN', 'CLOSED', 'LIQUIDATED']),
    state: text,
    block_timestamp: count,
    block_number: count,
    log_index: count,
  }),
);

const flagsQuery = loadQuery(
  'liquidation-latency-flags',
  z.object({
    position_key: text,
    block_timestamp: count,
    block_number: count,
    log_index: count,
  }),
);

export type LiquidationRow = Awaited<ReturnType<typeof casesQuery.run>>[number];

/** A place on the chain with its time (unix seconds). */
export interface Place {
  readonly block: number;
  readonly logIndex: number;
  readonly timestamp: number;
}

/** A state of the position that held from a place on. */
export interface HeldState extends Place {
  readonly state: unknown;
}

/** A position whose breach is looked for, with what it went through in this life. */
export interface BreachCase {
  /** Up to here prices after the breach are counted. */
  readonly at: Place;
  /** From here back the breach is looked for. */
  readonly anchor: Place;
  /** The anchor is the end of its block, not a log in it. */
  readonly isAtBlockEnd: boolean;
  /** Open states before the anchor, in chain order, at least one. */
  readonly states: readonly [HeldState, ...HeldState[]];
}

/** A liquidation with what its position went through; its anchor is the flag, else the liquidation. */
export interface LiquidationCase extends BreachCase {
  readonly row: LiquidationRow;
  /** Where it was marked for liquidation, on venues with that step. */
  readonly flag: Place | null;
}

/**
 * The liquidations of a market in [from, to), unix seconds, with their positions' states.
 * @throws UsageError above MAX_LATENCY_LIQUIDATIONS.
 */
export async function readCases(
  reader: Reader,
  scope: {
    readonly market: MarketRef;
    readonly toBlock: number;
    readonly from: number;
    readonly to: number;
  },
): Promise<LiquidationCase[]> {
  const { source, venue, market } = scope.market;
  const of = { chainId: source.chainId, venue, market, toBlock: scope.toBlock };
  const rows = await casesQuery.run(reader, {
    ...of,
    fromTime: scope.from,
    toTime: scope.to,
    limit: MAX_LATENCY_LIQUIDATIONS + 1,
  });
  if (rows.length > MAX_LATENCY_LIQUIDATIONS) {
    throw new UsageError('That window holds too many liquidations to judge one by one.', {
      facts: { limit: MAX_LATENCY_LIQUIDATIONS },
      remedy: 'Narrow from and to.',
    });
  }
  if (rows.length === 0) return [];
  const keys = [...new Set(rows.map((row) => row.position_key))];
  const [states, flags] = await Promise.all([
    statesQuery.run(reader, { ...of, keys }),
    flagsQuery.run(reader, { ...of, keys }),
  ]);
  const statesOf = byPosition(states);
  const flagsOf = byPosition(flags);
  return rows.flatMap((row) => {
    const found = toCase(row, statesOf.get(row.position_key), flagsOf.get(row.position_key));
    return found ? [found] : [];
  });
}

/** Open states of a life, in chain order. */
export type LifeOf = (positionKey: string, life: number) => readonly HeldState[];

/** What some positions went through up to a block. */
export async function readLives(
  reader: Reader,
  of: {
    readonly chainId: number;
    readonly venue: string;
    readonly market: string;
    readonly toBlock: number;
    readonly keys: readonly string[];
  },
): Promise<LifeOf> {
  const rows = of.keys.length === 0 ? [] : await statesQuery.run(reader, of);
  const statesOf = byPosition(rows);
  return (key, life) => openStates(statesOf.get(key)?.filter((state) => state.life === life));
}

function openStates(states: Awaited<ReturnType<typeof statesQuery.run>> = []): HeldState[] {
  return states
    .filter(({ status }) => status === 'OPEN')
    .map((state) => ({ ...placeOf(state), state: decodeState<unknown>(state.state) }));
}

function byPosition<Row extends { readonly position_key: string }>(
  rows: readonly Row[],
): Map<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const known = grouped.get(row.position_key);
    if (known) known.push(row);
    else grouped.set(row.position_key, [row]);
  }
  return grouped;
}

function toCase(
  row: LiquidationRow,
  states: Awaited<ReturnType<typeof statesQuery.run>> = [],
  flags: Awaited<ReturnType<typeof flagsQuery.run>> = [],
): LiquidationCase | null {
  const at = placeOf(row);
  const lived = states.filter((state) => state.life === row.life && isBefore(placeOf(state), at));
  const [opened] = lived;
  if (!opened) return null;
  const flagRow = flags.findLast(
    (one) => isBefore(placeOf(opened), placeOf(one)) && isBefore(placeOf(one), at),
  );
  const mark = flagRow ? placeOf(flagRow) : null;
  const anchor = mark ?? at;
  const [first, ...rest] = openStates(lived.filter((state) => isBefore(placeOf(state), anchor)));
  return first
    ? { row, at, flag: mark, anchor, isAtBlockEnd: false, states: [first, ...rest] }
    : null;
}

function placeOf(row: {
  readonly block_number: number;
  readonly log_index: number;
  readonly block_timestamp: number;
}): Place {
  return { block: row.block_number, logIndex: row.log_index, timestamp: row.block_timestamp };
}

function isBefore(a: Place, b: Place): boolean {
  return a.block - b.block < 0 || (a.block === b.block && a.logIndex < b.logIndex);
}
