import { z } from 'zod';
import { addressField, decimalsField } from '../manifest-fields.ts';

/** `protocols.chainlink` of an archive: the aggregators in it. */
export const chainlinkManifest = z.looseObject({
  /** No feeds = any contract that emits the events; such a one has no name and no decimals. */
  feeds: z.array(
    z.looseObject({
      /** The contract that emits, not the proxy in front of it. */
      aggregator: addressField,
      /** As `description()` has it. @example 'ETH / USD' */
      description: z.string(),
      decimals: decimalsField,
      proxy: addressField.optional(),
    }),
  ),
});
