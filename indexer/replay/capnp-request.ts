import { unpack } from './capnp-packing.ts';
import { type CapnpList, CapnpReader, type CapnpStruct } from './capnp-reader.ts';

/**
 * Reads the client's packed Cap'n Proto `Request` into the shape of the JSON body, so that one
 * schema checks both. Fields travel as enum ordinals in an order of their own (the three tables
 * below), not in the order of the Arrow columns.
 */
const LOG_FIELDS =
  'transaction_hash block_hash block_number transaction_index log_index address data removed topic0 topic1 topic2 topic3'.split(
    ' ',
  );
const BLOCK_FIELDS = (
  'number hash parent_hash sha3_uncles logs_bloom transactions_root state_root receipts_root ' +
  'miner extra_data size gas_limit gas_used timestamp mix_hash nonce difficulty ' +
  'total_difficulty uncles base_fee_per_gas blob_gas_used excess_blob_gas ' +
  'parent_beacon_block_root withdrawals_root withdrawals l1_block_number send_count send_root'
).split(' ');
const TRANSACTION_FIELDS = (
  'block_hash block_number gas hash input nonce transaction_index value cumulative_gas_used ' +
  'effective_gas_price gas_used logs_bloom from gas_price to v r s max_priority_fee_per_gas ' +
  'max_fee_per_gas chain_id contract_address type root status y_parity access_list ' +
  'authorization_list l1_fee l1_gas_price l1_gas_used l1_fee_scalar gas_used_for_l1 ' +
  'max_fee_per_blob_gas blob_versioned_hashes blob_gas_price blob_gas_used deposit_nonce ' +
  'deposit_receipt_version l1_base_fee_scalar l1_blob_base_fee l1_blob_base_fee_scalar ' +
  'l1_block_number mint sighash source_hash'
).split(' ');
const JOIN_MODES = ['Default', 'JoinAll', 'JoinNothing'];

export type CapnpRequest =
  /** The client asks whether we still know a query by its id (`enableQueryCaching`). */
  | { readonly kind: 'queryId'; readonly queryId: string }
  /** A whole query; `body` is still to be checked by queryBodySchema. */
  | { readonly kind: 'query'; readonly body: Readonly<Record<string, unknown>> };

/** Throws CorruptDataError or RangeError when the bytes are no such message. */
export function readCapnpRequest(packed: Buffer, maxBytes: number): CapnpRequest {
  const reader = new CapnpReader(unpack(packed, maxBytes));
  const request = reader.root();
  if (reader.u16(request, 0) === 1) {
    return { kind: 'queryId', queryId: reader.hex(reader.listField(request, 1)) };
  }
  const range = reader.structField(request, 0);
  const to = reader.structField(range, 0);
  const query = reader.structField(request, 1);
  const fields = reader.structField(query, 4);
  const limit = (index: number) => {
    const holder = reader.structField(query, index);
    return holder ? reader.u64(holder) : null;
  };
  const fieldNames = (index: number, names: readonly string[]) =>
    reader.enums(reader.listField(fields, index)).map((ordinal) => names[ordinal] ?? '');
  return {
    kind: 'query',
    body: {
      from_block: reader.u64(range),
      to_block: to ? reader.u64(to) : null,
      logs: readSelections(reader, reader.listField(query, 0), readLogFilter),
      transactions: readSelections(reader, reader.listField(query, 1), readTransactionFilter),
      blocks: readSelections(reader, reader.listField(query, 3), readBlockFilter),
      include_all_blocks: reader.bit(query, 16),
      join_mode: JOIN_MODES[reader.u16(query, 0)],
      field_selection: {
        block: fieldNames(0, BLOCK_FIELDS),
        transaction: fieldNames(1, TRANSACTION_FIELDS),
        log: fieldNames(2, LOG_FIELDS),
      },
      max_num_blocks: limit(5),
      max_num_transactions: limit(6),
      max_num_logs: limit(7),
      max_num_traces: limit(8),
    },
  };
}

type FilterReader = (reader: CapnpReader, filter: CapnpStruct | null) => object;

function readSelections(reader: CapnpReader, list: CapnpList | null, read: FilterReader): object[] {
  return reader.structs(list).map((selection) => {
    const exclude = reader.structField(selection, 1);
    return {
      ...read(reader, reader.structField(selection, 0)),
      ...(exclude ? { exclude: read(reader, exclude) } : {}),
    };
  });
}

const hexList = (reader: CapnpReader, list: CapnpList | null) =>
  reader.lists(list).map((item) => reader.hex(item));

const readLogFilter: FilterReader = (reader, filter) => ({
  address: hexList(reader, reader.listField(filter, 0)),
  topics: reader.lists(reader.listField(filter, 2)).map((topic) => hexList(reader, topic)),
});

// Of the transaction filters only these four are read from Cap'n Proto; the JSON body has them all.
const readTransactionFilter: FilterReader = (reader, filter) => ({
  from: hexList(reader, reader.listField(filter, 0)),
  to: hexList(reader, reader.listField(filter, 2)),
  sighash: hexList(reader, reader.listField(filter, 4)),
  hash: hexList(reader, reader.listField(filter, 9)),
});

const readBlockFilter: FilterReader = (reader, filter) => ({
  hash: hexList(reader, reader.listField(filter, 0)),
  miner: hexList(reader, reader.listField(filter, 1)),
});
