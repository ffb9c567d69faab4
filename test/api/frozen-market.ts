import { PriceLattice } from '../../margin/price-lattice.ts';
import { pricePerWhole } from '../../schema/units.ts';
import type { OpenStore } from './crash-store.ts';

const GMX = 42_161;

/** A price of ETH in the archive, 1e12 per USD. */
export interface Update {
  readonly low: string;
  readonly high: string;
  readonly time: string;
  readonly block: string;
}

export interface FrozenPosition {
  readonly isLong: boolean;
  readonly opened: Update;
  /** That liquidated it. */
  readonly update: Update | null;
  readonly price: bigint;
}

/**
 * Longs at each third new low since the first price, shorts at each third new high since the lowest: a quarter of an hour
 * after they opened or later. And one of each side that no price comes near.
 */
export function frozenPositions(updates: readonly Update[]): FrozenPosition[] {
  const [first] = updates;
  const prices = (isLong: boolean) => updates.map(({ low, high }) => BigInt(isLong ? low : high));
  const [lows, highs] = [prices(true).toSorted(rising), prices(false).toSorted(rising)];
  const bottom = updates.findIndex(({ low }) => BigInt(low) === lows[0]);
  if (!first) return [];
  const reached = [true, false].flatMap((isLong) => {
    const opened = (isLong ? first : updates[bottom]) ?? first;
    let record = isLong ? 10n ** 40n : 0n;
    const records: FrozenPosition[] = [];
    for (const update of updates.slice(isLong ? 0 : bottom)) {
      const price = BigInt(isLong ? update.low : update.high);
      if (isLong ? price >= record : price <= record) continue;
      record = price;
      if (Number(update.time) > Number(opened.time) + 960) {
        records.push({ isLong, opened, update, price });
      }
    }
    return records.filter((_, index) => index % 3 === 0);
  });
  const far = (isLong: boolean, price: bigint) => ({ isLong, opened: first, update: null, price });
  return [
    ...reached,
    far(true, ((lows[0] ?? 0n) * 97n) / 100n),
    far(false, ((highs.at(-1) ?? 0n) * 103n) / 100n),
  ];
}

function rising(left: bigint, right: bigint): number {
  return left < right ? -1 : 1;
}

/** Each of the same size, liquidated at the update that brought its level. */
export async function plant(
  { database }: OpenStore,
  market: string,
  positions: readonly FrozenPosition[],
  sideOf: (isLong: boolean) => boolean,
): Promise<void> {
  const base = 10n ** 18n;
  const lattice = new PriceLattice('BPS_5');
  const levels = positions.flatMap(({ isLong, opened, update, price }, index) => {
    const cell = lattice.cellOf(pricePerWhole(price, 12));
    const row = (sign: number, cause: string, time: string, block: string) =>
      `(${sign}, '${cause}', 'LEVEL', '0x${index}', 1, '${market}', ${sideOf(isLong)}, ${cell}, ` +
      `toInt256('${price}'), toInt256('${base * price}'), toInt256('${base}'), ${time}, 'gmx-v2', ${block}, ${GMX})`;
    return [
      row(1, 'CREATED', opened.time, opened.block),
      ...(update ? [row(-1, 'LIQUIDATED', update.time, update.block)] : []),
    ];
  });
  await database.command(
    `INSERT INTO liquidation_levels (sign, cause, placement, position_key, life, market, is_long, cell,
       liquidation_price, level_notional, size_base, block_timestamp, venue, block_number, chain_id)
     VALUES ${levels.join(', ')}`,
  );
  const closings = positions.flatMap(({ isLong, update }, index) =>
    update
      ? [
          `('LIQUIDATION', '0x${index}', 1, '${market}', ${isLong}, toInt256('${base}'), toInt256('-${base}'), ` +
            `toInt256('${update.low}'), toInt256('${update.high}'), ${index}, ${update.time}, 'gmx-v2', ${update.block}, ${GMX})`,
        ]
      : [],
  );
  await database.command(
    `INSERT INTO liquidations (cause, position_key, life, market, is_long, size_base, size_delta_base,
       index_price_min, index_price_max, log_index, block_timestamp, venue, block_number, chain_id)
     VALUES ${closings.join(', ')}`,
  );
}
