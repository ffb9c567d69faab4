/**
 * The Arrow columns of HyperSync's tables, in the order the client expects.
 * `u64`, `u8` and `bool` are Arrow numbers; every other kind is Arrow Binary on the wire:
 * `fixed` has an exact width, `quantity` is a big-endian integer without leading zeros (zero is
 * one 00 byte; the client panics on anything else), `floatText` is a float written as text.
 */
export type ColumnKind = 'u64' | 'u8' | 'bool' | 'fixed' | 'bytes' | 'quantity' | 'floatText';

export interface ColumnSpec {
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** Bytes per value of a `fixed` column, else 0. */
  readonly width: number;
}

export type TableSpec = Readonly<Record<string, ColumnSpec>>;

const required = (kind: ColumnKind, width = 0): ColumnSpec => ({ kind, nullable: false, width });
const optional = (kind: ColumnKind, width = 0): ColumnSpec => ({ kind, nullable: true, width });
const hash = required('fixed', 32);
const optionalHash = optional('fixed', 32);
const address = required('fixed', 20);
const optionalAddress = optional('fixed', 20);
const bytes = required('bytes');
const optionalBytes = optional('bytes');
const quantity = required('quantity');
const optionalQuantity = optional('quantity');
const u64 = required('u64');

export const LOG_COLUMNS = {
  removed: optional('bool'),
  log_index: u64,
  transaction_index: u64,
  transaction_hash: hash,
  block_hash: hash,
  block_number: u64,
  address,
  data: bytes,
  topic0: optionalHash,
  topic1: optionalHash,
  topic2: optionalHash,
  topic3: optionalHash,
} satisfies TableSpec;

export const BLOCK_COLUMNS = {
  number: u64,
  hash,
  parent_hash: hash,
  nonce: optional('fixed', 8),
  sha3_uncles: hash,
  logs_bloom: bytes,
  transactions_root: hash,
  state_root: hash,
  receipts_root: hash,
  miner: address,
  difficulty: optionalQuantity,
  total_difficulty: optionalQuantity,
  extra_data: bytes,
  size: quantity,
  gas_limit: quantity,
  gas_used: quantity,
  timestamp: quantity,
  uncles: optionalBytes,
  base_fee_per_gas: optionalQuantity,
  blob_gas_used: optionalQuantity,
  excess_blob_gas: optionalQuantity,
  parent_beacon_block_root: optionalHash,
  withdrawals_root: optionalHash,
  withdrawals: optionalBytes,
  l1_block_number: optional('u64'),
  send_count: optionalQuantity,
  send_root: optionalHash,
  mix_hash: optionalHash,
} satisfies TableSpec;

export const TRANSACTION_COLUMNS = {
  block_hash: hash,
  block_number: u64,
  from: optionalAddress,
  gas: quantity,
  gas_price: optionalQuantity,
  hash,
  input: bytes,
  nonce: quantity,
  to: optionalAddress,
  transaction_index: u64,
  value: quantity,
  v: optionalQuantity,
  r: optionalQuantity,
  s: optionalQuantity,
  max_priority_fee_per_gas: optionalQuantity,
  max_fee_per_gas: optionalQuantity,
  chain_id: optionalQuantity,
  cumulative_gas_used: quantity,
  effective_gas_price: quantity,
  gas_used: quantity,
  contract_address: optionalAddress,
  logs_bloom: bytes,
  type: optional('u8'),
  root: optionalHash,
  status: optional('u8'),
  sighash: optional('fixed', 4),
  y_parity: optionalQuantity,
  access_list: optionalBytes,
  authorization_list: optionalBytes,
  l1_fee: optionalQuantity,
  l1_gas_price: optionalQuantity,
  l1_gas_used: optionalQuantity,
  l1_fee_scalar: optional('floatText'),
  gas_used_for_l1: optionalQuantity,
  max_fee_per_blob_gas: optionalQuantity,
  blob_versioned_hashes: optionalBytes,
  deposit_nonce: optionalQuantity,
  blob_gas_price: optionalQuantity,
  deposit_receipt_version: optionalQuantity,
  blob_gas_used: optionalQuantity,
  l1_base_fee_scalar: optionalQuantity,
  l1_blob_base_fee: optionalQuantity,
  l1_blob_base_fee_scalar: optionalQuantity,
  l1_block_number: optionalQuantity,
  mint: optionalQuantity,
  source_hash: optionalHash,
} satisfies TableSpec;
