/**
 * Which shard of a cluster a row lives on: an expression over its columns (an integer, taken modulo
 * the number of shards). A table that is not named here is refused when it is rendered for a
 * cluster, so that none is spread by accident.
 */
export type ShardingExpression = string;

/** All rows of one position stay on one shard: its history is read, ordered and windowed there. */
const BY_POSITION: ShardingExpression = 'sipHash64(position_key)';
const BY_ORDER: ShardingExpression = 'sipHash64(order_key)';
const BY_MARKET: ShardingExpression = 'sipHash64(venue, market)';
/**
 * Stretches of blocks in turn: even load whatever the markets do (one feed may be half of all
 * updates), a block whole on one shard, and an insert at the head is one part, not one a shard.
 */
const BY_BLOCKS: ShardingExpression = 'intDiv(block_number, 10000)';
/**
 * Few rows, read whole and written one at a time: the first shard keeps them. One home makes the
 * row of a commit appear at once or not at all.
 */
const ON_FIRST_SHARD: ShardingExpression = '0';

export const SHARDING: Readonly<Record<string, ShardingExpression>> = {
  raw_logs: BY_BLOCKS,
  blocks: BY_BLOCKS,
  transactions: BY_BLOCKS,
  reversible_blocks: BY_BLOCKS,
  position_events: BY_POSITION,
  fee_events: BY_POSITION,
  position_states: BY_POSITION,
  liquidations: BY_POSITION,
  liquidation_levels: BY_POSITION,
  order_events: BY_ORDER,
  market_events: BY_MARKET,
  market_states: BY_MARKET,
  open_interest: BY_MARKET,
  margin_spreads: BY_MARKET,
  parameter_changes: BY_MARKET,
  oracle_updates: BY_BLOCKS,
  oracle_hours: BY_BLOCKS,
  dead_letters: BY_BLOCKS,
  migrations: ON_FIRST_SHARD,
  sources: ON_FIRST_SHARD,
  commits: ON_FIRST_SHARD,
  rollbacks: ON_FIRST_SHARD,
  indexer_states: ON_FIRST_SHARD,
  writer_leases: ON_FIRST_SHARD,
  // Of a rebuild under way (indexer/rebuild).
  rebuild_purpose: ON_FIRST_SHARD,
  swap_journal: ON_FIRST_SHARD,
};

/**
 * Views that each shard computes over its own rows, which is right because all rows that a row of
 * the view depends on are on one shard. Any other view reads the tables of the whole cluster.
 */
export const SHARDED_VIEWS: Readonly<Record<string, ShardingExpression>> = {
  position_intervals: BY_POSITION,
};

/**
 * Where the rows of a table live. A migration that sorts the rows of `x` anew fills `x_sorted`, which
 * takes its place: that is spread as `x` is.
 */
export function shardingOf(table: string): ShardingExpression | undefined {
  const name = table.replace(/_sorted$/, '');
  return Object.hasOwn(SHARDING, name) ? SHARDING[name] : undefined;
}
