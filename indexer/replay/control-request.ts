import { z } from 'zod';
import { FAULT_NAMES } from './fault-catalogue.ts';
import { COLUMN_FAULTS, ROW_FAULTS } from './page-fault.ts';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);
const headers = z.record(z.string(), z.string());

/** Options that may change while the server runs. */
const liveOptions = z
  .object({
    inMemoryBlocks: count,
    maxBlocksPerRequest: count,
    maxResponseBytes: count,
    rowsPerBatch: count,
    compression: z.enum(['none', 'lz4']),
    packing: z.enum(['raw', 'dense']),
  })
  .partial();

const pageFault = z.union([
  z.strictObject({ kind: z.enum(ROW_FAULTS) }),
  z.strictObject({
    kind: z.enum(COLUMN_FAULTS),
    table: z.enum(['blocks', 'transactions', 'logs']),
    column: z.string(),
  }),
]);

const fault = z.strictObject({
  path: z.string().optional(),
  delayMs: count.optional(),
  lateMs: count.optional(),
  kind: z.enum(['reset', 'cut', 'shorten', 'hang', 'raw']).optional(),
  afterBytes: count.optional(),
  status: z.number().int().min(100).max(599).optional(),
  headers: headers.optional(),
  body: z.string().optional(),
  page: pageFault.optional(),
  repeat: z.boolean().optional(),
  branch: z.string().optional(),
  behind: count.optional(),
  claimHeight: z.number().int().nullish(),
  chainId: count.optional(),
});

const fork = z.strictObject({
  name: z.string().min(1).max(100),
  /** Branch to leave; the one that is served when left out. */
  from: z.string().optional(),
  forkBlock: count,
  height: count.optional(),
  seed: count.optional(),
  dropShare: share.optional(),
  moveShare: share.optional(),
});

/**
 * Body of POST /_control: what somebody in another process tells the server. Done in this order:
 * clear, fork, branch, height, drop, the rest.
 */
export const controlRequestSchema = z.strictObject({
  /** Forgets the faults that have not struck yet, and ends chaos. */
  clear: z.literal(true).optional(),
  /** Makes another branch; it is not switched to. */
  fork: fork.optional(),
  /** A reorg: answers come from this branch from now on. */
  branch: z.string().optional(),
  height: count.nullish(),
  /** Forgets a branch that is not served. */
  drop: z.union([z.string(), z.array(z.string())]).optional(),
  /** Blocks per second by which the height grows; null stops it. */
  pace: z.number().min(0).max(100_000).nullish(),
  rateLimit: headers.nullish(),
  fail: z.union([fault, z.enum(FAULT_NAMES)]).optional(),
  times: z.number().int().min(1).max(1_000_000).default(1),
  chaos: z
    .strictObject({
      share,
      seed: count.default(0),
      kinds: z.array(z.enum(FAULT_NAMES)).optional(),
    })
    .nullish(),
  options: liveOptions.optional(),
});

export type ControlRequest = z.infer<typeof controlRequestSchema>;
