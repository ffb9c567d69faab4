import { z } from 'zod';
import { addressField, hexField } from '../manifest-fields.ts';

/** `protocols.pyth` of an archive. */
export const pythManifest = z.looseObject({
  contracts: z.array(addressField).min(1),
  feeds: z.array(
    z.looseObject({
      id: hexField(32),
      /** @example 'ETH / USD'; '' = not known. */
      symbol: z.string(),
      /** Price = integer × 10^exponent; left out = unknown: there is then no price. */
      exponent: z.number().int().min(-36).max(36).optional(),
    }),
  ),
  /**
   * The contracts are Pyth's MockPyth of 2022 (pyth-sdk-solidity before 32c079a), which emits the
   * eight-field event with publishTime and lastPublishTime in each other's place.
   */
  swapsPublishTimes: z.boolean().optional(),
});
