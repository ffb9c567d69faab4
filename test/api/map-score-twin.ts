import type { Database } from '../../schema/clickhouse/database.ts';

/** The report card again, by loops over raw rows: no join, no running sum, no code of the query. */
export interface TwinRows {
  readonly levels: readonly TwinLevel[];
  readonly liquidations: readonly TwinLiquidation[];
  readonly prices: readonly TwinPrice[];
}

interface TwinLevel {
  readonly sign: number;
  readonly cause: string;
  readonly placement: string;
  readonly key: string;
  readonly life: number;
  readonly isLong: boolean;
  readonly cell: number;
  readonly price: bigint;
  readonly base: bigint;
  readonly time: number;
  readonly block: number;
}

interface TwinLiquidation {
  readonly key: string;
  readonly life: number;
  readonly isLong: boolean;
  readonly base: bigint;
  readonly trigger: bigint;
  readonly time: number;
}

interface TwinPrice {
  readonly min: bigint;
  readonly max: bigint;
  readonly time: number;
}

/** Rows of one market up to a block, and of its index feed, in chain order. */
export async function readTwinRows(
  database: Database,
  of: { chainId: number; market: string; feedVenue: string; feedToken: string; block: number },
): Promise<TwinRows> {
  const scope = `chain_id = ${of.chainId} AND block_number <= ${of.block}`;
  const levels = await database.select<Record<string, string | number | boolean>>(
    `SELECT sign, toString(cause) AS cause, toString(placement) AS placement, position_key, life,
       is_long, cell, toString(liquidation_price) AS price, toString(size_base) AS base,
       block_timestamp, block_number
     FROM liquidation_levels WHERE ${scope} AND market = '${of.market}'
     ORDER BY block_number, sign`,
  );
  const liquidations = await database.select<Record<string, string | number | boolean>>(
    `SELECT position_key, life, is_long, toString(size_delta_base) AS base,
       toString(index_price_min) AS low, toString(index_price_max) AS high, block_timestamp
     FROM liquidations WHERE ${scope} AND market = '${of.market}' AND cause = 'LIQUIDATION'
     ORDER BY block_number, log_index, sub_index`,
  );
  const prices = await database.select<Record<string, string | number>>(
    `SELECT toString(min_price) AS low, toString(max_price) AS high, block_timestamp
     FROM oracle_updates
     WHERE ${scope} AND venue = '${of.feedVenue}' AND token = '${of.feedToken}'
     ORDER BY block_number, log_index, sub_index`,
  );
  return {
    levels: levels.map((row) => ({
      sign: Number(row['sign']),
      cause: String(row['cause']),
      placement: String(row['placement']),
      key: String(row['position_key']),
      life: Number(row['life']),
      isLong: Boolean(row['is_long']),
      cell: Number(row['cell']),
      price: BigInt(String(row['price'])),
      base: BigInt(String(row['base'])),
      time: Number(row['block_timestamp']),
      block: Number(row['block_number']),
    })),
    liquidations: liquidations.map((row) => {
      const base = BigInt(String(row['base']));
      const isLong = Boolean(row['is_long']);
      return {
        key: String(row['position_key']),
        life: Number(row['life']),
        isLong,
        base: base < 0n ? -base : base,
        trigger: BigInt(String(isLong ? row['low'] : row['high'])),
        time: Number(row['block_timestamp']),
      };
    }),
    prices: prices.map((row) => ({
      min: BigInt(String(row['low'])),
      max: BigInt(String(row['high'])),
      time: Number(row['block_timestamp']),
    })),
  };
}

/** The level that a position had in one life at a time: 'OPENED_SINCE' where it was not open yet. */
export function twinLevel(
  { levels }: TwinRows,
  { key, life }: { readonly key: string; readonly life: number },
  time: number,
): { placement: string; price: bigint } {
  const known = levels.filter(
    (row) => row.sign === 1 && row.key === key && row.life === life && row.time <= time,
  );
  const last = known.at(-1);
  return last ?? { placement: 'OPENED_SINCE', price: 0n };
}

export type TwinFates = Record<
  'LIQUIDATED' | 'RESCUED' | 'CLOSED' | 'MOVED' | 'STANDING',
  { mass: bigint; count: number }
>;

/** What became of the mass within reach, over all whole steps; whole = Σ of what stood within reach. */
export function twinFates(
  rows: TwinRows,
  { from, to, lead }: { readonly from: number; readonly to: number; readonly lead: number },
): { steps: number; whole: bigint; fates: TwinFates } {
  const none = () => ({ mass: 0n, count: 0 });
  const fates: TwinFates = {
    LIQUIDATED: none(),
    RESCUED: none(),
    CLOSED: none(),
    MOVED: none(),
    STANDING: none(),
  };
  let steps = 0;
  let whole = 0n;
  for (let start = from; start + lead <= to; start += lead) {
    const end = start + lead;
    const before = rows.prices.filter(({ time }) => time < start).at(-1);
    const within = rows.prices.filter(({ time }) => time >= start && time < end);
    if (!before || within.length === 0) continue;
    steps += 1;
    for (const level of standingAt(rows, start)) {
      const traded = [before, ...within].map(({ min, max }) => (level.isLong ? min : max));
      const low = lowest(traded);
      const high = -lowest(traded.map((price) => -price));
      if (level.placement !== 'LEVEL' || level.price < low || level.price > high) continue;
      whole += level.base * level.price;
      const forced = rows.liquidations
        .filter((one) => one.key === level.key && one.life === level.life)
        .filter(({ time }) => time >= start && time < end)
        .reduce((sum, { base }) => sum + base, 0n);
      const gone = lowest([forced, level.base]);
      fates.LIQUIDATED.mass += gone * level.price;
      const rest = fates[fateOf(rows, level, { start, end, low, high })];
      rest.mass += (level.base - gone) * level.price;
      (gone > 0n ? fates.LIQUIDATED : rest).count += 1;
    }
  }
  return { steps, whole, fates };
}

function lowest(values: readonly bigint[]): bigint {
  const [least = 0n] = values.toSorted((a, b) => (a < b ? -1 : 1));
  return least;
}

/** What a sum of signs leaves just before a time, one row a position. */
function standingAt({ levels }: TwinRows, time: number): TwinLevel[] {
  const standing = new Map<string, TwinLevel>();
  for (const row of levels) {
    if (row.time >= time) continue;
    if (row.sign === 1) standing.set(row.key, row);
    else standing.delete(row.key);
  }
  return [...standing.values()];
}

function fateOf(
  rows: TwinRows,
  level: TwinLevel,
  step: { start: number; end: number; low: bigint; high: bigint },
): keyof TwinFates {
  const then = standingAt(rows, step.end).find(({ key }) => key === level.key);
  if (then?.life !== level.life) return 'CLOSED';
  const wasMoved = rows.levels.some(
    ({ sign, key, cause, time }) =>
      sign === -1 &&
      key === level.key &&
      cause === 'MOVED' &&
      time >= step.start &&
      time < step.end,
  );
  if (!wasMoved) return 'STANDING';
  if (then.placement === 'NONE') return 'RESCUED';
  const isBeyond = level.isLong ? then.price < step.low : then.price > step.high;
  return then.placement === 'LEVEL' && isBeyond ? 'RESCUED' : 'MOVED';
}

/** Mass by cell of `baseCells` base cells of one side at a time, as a sum of signs. */
export function twinMap(
  { levels }: TwinRows,
  { isLong, time, baseCells }: { isLong: boolean; time: number; baseCells: number },
): Map<number, bigint> {
  const cells = new Map<number, bigint>();
  for (const row of levels) {
    if (row.isLong !== isLong || row.time > time || row.placement !== 'LEVEL') continue;
    const cell = Math.floor(row.cell / baseCells);
    cells.set(cell, (cells.get(cell) ?? 0n) + BigInt(row.sign) * row.base * row.price);
  }
  return cells;
}
