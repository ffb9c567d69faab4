import { z } from 'zod';
import { addressField, blockField, integerField } from '../manifest-fields.ts';

const parameters = z.record(z.string(), integerField);

/** `protocols.ostium` of an archive's manifest. */
export const ostiumManifestSchema = z.looseObject({
  /** Addresses whose logs are the venue's, by what they are. */
  contracts: z.record(z.string(), addressField),
  pairs: z.array(z.looseObject({ index: blockField, from: z.string(), to: z.string() })).optional(),
  /** Values that hold after block `asOfBlock` and that no event set. */
  initialParameters: z
    .looseObject({
      asOfBlock: blockField,
      global: parameters,
      /** By pair index as text. */
      markets: z.record(z.string().regex(/^\d{1,10}$/), parameters),
    })
    .optional(),
});
export type OstiumManifest = z.infer<typeof ostiumManifestSchema>;
