import { z } from 'zod';
import { addressField, decimalsField, hexField } from '../manifest-fields.ts';

/** `protocols.redstone` of an archive. */
export const redstoneManifest = z.looseObject({
  adapters: z.array(addressField).min(1),
  /** Decimals of the feeds that declare them. */
  feeds: z.array(z.looseObject({ id: hexField(32), decimals: decimalsField })),
});
export type RedstoneManifest = z.infer<typeof redstoneManifest>;
