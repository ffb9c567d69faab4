import { z } from 'zod';
import { addressField, blockField, decimalsField, integerField } from '../manifest-fields.ts';

const parameters = z.record(z.string(), z.union([integerField, z.boolean()]));

/** `protocols.gtrade` of an archive's manifest. */
export const gtradeManifestSchema = z.looseObject({
  diamond: addressField,
  collaterals: z
    .array(
      z.looseObject({
        index: z.number().int().min(0).max(255),
        address: addressField.optional(),
        symbol: z.string(),
        decimals: decimalsField,
      }),
    )
    .optional(),
  /** Pairs whose PairAdded lies before the archive. */
  pairs: z
    .array(z.looseObject({ index: z.number().int().min(0), from: z.string(), to: z.string() }))
    .optional(),
  /**
   * Values that no event states, under the names of parameters.ts: `spreadP`, `feeIndex` and
   * `groupIndex` of a pair, and those set before the archive begins.
   */
  initialParameters: z
    .looseObject({
      asOfBlock: blockField,
      global: parameters,
      markets: z.record(z.string(), parameters),
    })
    .optional(),
});
export type GtradeManifest = z.infer<typeof gtradeManifestSchema>;
