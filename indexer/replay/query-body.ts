import { z } from 'zod';

/**
 * The body of a HyperSync query, in the wire's snake_case: every key of the JSON endpoint that the
 * client can send. Unknown keys are ignored. Trace selections are accepted and match nothing,
 * because an archive holds no traces.
 */
const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `expected ${bytes} bytes as 0x hex`);
const hexList = (bytes: number) => z.array(hex(bytes)).max(100_000).optional();
const count = z.number().int().min(0);
const limit = count.nullish().transform((value) => value ?? null);

const logFilter = z.object({
  address: hexList(20),
  topics: z
    .array(z.array(hex(32)).max(100_000))
    .max(4)
    .optional(),
});
const transactionFilter = z.object({
  from: hexList(20),
  to: hexList(20),
  sighash: hexList(4),
  status: count.nullish(),
  type: z.array(count).optional(),
  contract_address: hexList(20),
  hash: hexList(32),
});
const blockFilter = z.object({ hash: hexList(32), miner: hexList(20) });

const names = z.array(z.string().max(64)).max(200).default([]);
const fieldSelection = z
  .object({ block: names, transaction: names, log: names, trace: names })
  .default({ block: [], transaction: [], log: [], trace: [] });

const selections = <Shape extends z.ZodRawShape>(filter: z.ZodObject<Shape>) =>
  z
    .array(filter.extend({ exclude: filter.nullish() }))
    .max(10_000)
    .default([]);

export const queryBodySchema = z.object({
  from_block: count,
  to_block: limit,
  logs: selections(logFilter),
  transactions: selections(transactionFilter),
  blocks: selections(blockFilter),
  traces: z.array(z.unknown()).default([]),
  include_all_blocks: z.boolean().default(false),
  field_selection: fieldSelection,
  max_num_blocks: limit,
  max_num_transactions: limit,
  max_num_logs: limit,
  max_num_traces: limit,
  join_mode: z.enum(['Default', 'JoinAll', 'JoinNothing']).default('Default'),
});

export type QueryBody = z.infer<typeof queryBodySchema>;
export type LogFilter = z.infer<typeof logFilter>;
export type TransactionFilter = z.infer<typeof transactionFilter>;
export type BlockFilter = z.infer<typeof blockFilter>;
