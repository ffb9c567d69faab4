import { z } from 'zod';
import { addressField, blockField, decimalsField, integerField } from '../manifest-fields.ts';

const parameters = z.record(z.string(), z.union([integerField, z.boolean()]));

/** `protocols.gmx-v2` of an archive's manifest. */
export const gmxV2ManifestSchema = z.looseObject({
  eventEmitter: addressField,
  markets: z
    .array(
      z.looseObject({
        address: addressField,
        name: z.string(),
        symbol: z.string(),
        indexToken: addressField,
        longToken: addressField,
        shortToken: addressField,
      }),
    )
    .optional(),
  tokens: z
    .array(
      z.looseObject({
        symbol: z.string(),
        address: addressField,
        decimals: decimalsField,
        synthetic: z.boolean(),
      }),
    )
    .optional(),
  /** Values that hold after block `asOfBlock` and that no event set. */
  initialParameters: z
    .looseObject({
      asOfBlock: blockField,
      global: parameters,
      markets: z.record(z.string(), parameters),
    })
    .optional(),
});
export type GmxV2Manifest = z.infer<typeof gmxV2ManifestSchema>;
