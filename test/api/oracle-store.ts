import { randomBytes } from 'node:crypto';
import { openSnapshot, type Snapshot, type Source } from '../../api/queries/source-directory.ts';
import { type OpenStore, openEmptyStore } from './crash-store.ts';

export const CHAIN = 42161;

export interface Price {
  readonly venue: string;
  readonly token: string;
  readonly provider?: string;
  readonly delivery?: 'PUSH' | 'PULL';
  readonly time: number;
  readonly block: number;
  readonly logIndex: number;
  readonly min: number;
  readonly max?: number;
  readonly lag?: number | null;
  readonly details?: string;
}

export interface Order {
  readonly venue: string;
  readonly type: 'OrderCreated' | 'OrderExecuted';
  readonly key: string;
  readonly orderType?: number;
  readonly requestedAt?: number;
  readonly time: number;
  readonly block: number;
  readonly logIndex: number;
  readonly market?: string;
}

export interface Parameter {
  readonly venue: string;
  readonly market?: string;
  readonly name: string;
  readonly value: number;
  readonly block: number;
  readonly source?: 'EVENT' | 'SNAPSHOT';
}

/** Transactions are told apart by their block: one a block. */
export async function openOracleStore(facts: {
  readonly prices: readonly Price[];
  readonly orders?: readonly Order[];
  readonly parameters?: readonly Parameter[];
}): Promise<{ store: OpenStore; snapshot: Snapshot; source: Source }> {
  const store = await openEmptyStore();
  const { database } = store;
  const times = new Map(
    [...facts.prices, ...(facts.orders ?? [])].map((one) => [one.block, one.time]),
  );
  const blocks = [...times].sort(([a], [b]) => a - b);
  const [head, headTime] = blocks.at(-1)!;
  const insert = async (table: string, columns: string, rows: readonly (readonly unknown[])[]) => {
    if (rows.length === 0) return;
    const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
    await database.command(`INSERT INTO ${table} (${columns}) VALUES ${values}`);
  };
  await insert(
    'sources',
    'chain_id, chain, is_synthetic, name, first_block, manifest, recorded_at',
    [[CHAIN, 'arbitrum', false, 'test', 0, '', '2024-01-01 00:00:00.000']],
  );
  await insert(
    'blocks',
    'chain_id, block_number, block_timestamp',
    blocks.map(([block, time]) => [CHAIN, block, time]),
  );
  await insert(
    'commits',
    'stage, from_block, to_block, last_block_hash, last_block_timestamp, method, committed_at, chain_id',
    ['land', 'project'].map((stage) => [
      stage,
      0,
      head,
      `0x${randomBytes(32).toString('hex')}`,
      headTime,
      'test',
      '2024-01-01 00:00:00.000',
      CHAIN,
    ]),
  );
  await insert(
    'oracle_updates',
    'chain_id, venue, token, provider, delivery, block_timestamp, block_number, log_index, transaction_hash, min_price, max_price, price_decimals, observation_lag_seconds, observed_at, details',
    facts.prices.map((p) => [
      CHAIN,
      p.venue,
      p.token,
      p.provider ?? '',
      p.delivery ?? 'PULL',
      p.time,
      p.block,
      p.logIndex,
      `0x${p.block}`,
      p.min,
      p.max ?? p.min,
      8,
      p.lag ?? null,
      p.lag === undefined || p.lag === null ? null : p.time - p.lag,
      p.details ?? '{}',
    ]),
  );
  await insert(
    'order_events',
    'chain_id, venue, type, order_key, market, order_type, requested_at, block_timestamp, block_number, log_index, transaction_hash',
    (facts.orders ?? []).map((o) => [
      CHAIN,
      o.venue,
      o.type,
      o.key,
      o.market ?? '',
      o.orderType ?? null,
      o.requestedAt ?? null,
      o.time,
      o.block,
      o.logIndex,
      `0x${o.block}`,
    ]),
  );
  await insert(
    'parameter_changes',
    'chain_id, venue, market, name, value, block_number, log_index, source',
    (facts.parameters ?? []).map((p) => [
      CHAIN,
      p.venue,
      p.market ?? '',
      p.name,
      p.value,
      p.block,
      0,
      p.source ?? 'EVENT',
    ]),
  );
  const snapshot = await openSnapshot(database);
  return { store, snapshot, source: snapshot.sources[0]! };
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${value}'` : String(value);
}

export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
