import { z } from 'zod';

/** Options that may change while the server runs. */
const liveOptions = z
  .object({
    inMemoryBlocks: z.number().int().min(0),
    maxBlocksPerRequest: z.number().int().min(0),
    maxResponseBytes: z.number().int().min(0),
    rowsPerBatch: z.number().int().min(0),
    compression: z.enum(['none', 'lz4']),
    packing: z.enum(['raw', 'dense']),
  })
  .partial();

/** Body of POST /_control: what a test in another process tells the server. */
export const controlRequestSchema = z.strictObject({
  branch: z.string().optional(),
  height: z.number().int().min(0).nullish(),
  rateLimit: z.record(z.string(), z.string()).nullish(),
  fail: z
    .strictObject({
      path: z.string().optional(),
      delayMs: z.number().int().min(0).optional(),
      kind: z.enum(['reset', 'hang', 'raw']).optional(),
      status: z.number().int().min(100).max(599).optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().optional(),
    })
    .optional(),
  times: z.number().int().min(1).max(1_000_000).default(1),
  options: liveOptions.optional(),
});
