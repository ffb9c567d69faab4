import { z } from 'zod';

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `expected 0x and ${bytes * 2} hex digits`)
    .transform((text) => text.toLowerCase());
const address = hex(20);
const integerText = z.string().regex(/^-?\d{1,78}$/, 'expected an integer as text');
const parameterValue = z.union([integerText, z.boolean()]);
const parameters = z.record(z.string(), parameterValue);

const gmxV2 = z.looseObject({
  eventEmitter: address,
  markets: z
    .array(
      z.looseObject({
        address,
        name: z.string(),
        symbol: z.string(),
        indexToken: address,
        longToken: address,
        shortToken: address,
      }),
    )
    .optional(),
  tokens: z
    .array(
      z.looseObject({
        symbol: z.string(),
        address,
        decimals: z.number().int().min(0).max(36),
        synthetic: z.boolean(),
      }),
    )
    .optional(),
  initialParameters: z
    .looseObject({
      asOfBlock: z.number().int().min(0),
      global: parameters,
      markets: z.record(z.string(), parameters),
    })
    .optional(),
});

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
  protocols: z.looseObject({ 'gmx-v2': gmxV2.optional() }),
});
export type ArchiveManifest = z.infer<typeof archiveManifestSchema>;
export type GmxV2Manifest = z.infer<typeof gmxV2>;
