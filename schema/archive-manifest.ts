import { z } from 'zod';

/** `archive.json`: what an archive is, where it comes from, and what its events do not say. */
export const archiveManifestSchema = z.looseObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  chainId: z.number().int().min(1).max(4_294_967_295),
  chain: z.string().min(1).max(80),
  fromBlock: z.number().int().min(0),
  toBlock: z.number().int().min(0),
  description: z.string(),
  provenance: z.string(),
  synthetic: z.boolean(),
  /** By venue; each adapter checks its own section (indexer/protocols/<venue>/manifest.ts). */
  protocols: z.record(z.string(), z.unknown()),
});
export type ArchiveManifest = z.infer<typeof archiveManifestSchema>;
