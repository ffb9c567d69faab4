import { z } from 'zod';
import { addressField } from '../manifest-fields.ts';

/** `protocols.chronicle` of an archive. */
export const chronicleManifest = z.looseObject({
  feeds: z.array(z.looseObject({ address: addressField, symbol: z.string() })).min(1),
});
