import { z } from 'zod';
import { addressField, decimalsField, integerField } from '../manifest-fields.ts';

const basisPoints = z.number().int().min(0).max(10_000);

/** `protocols.gmx-v1` of an archive's manifest. */
export const gmxV1ManifestSchema = z.looseObject({
  vault: addressField,
  /** The contract that emits PriceUpdate. */
  priceEvents: addressField.optional(),
  positionRouters: z.array(addressField).optional(),
  orderBooks: z.array(addressField).optional(),
  tokens: z
    .array(
      z.looseObject({
        symbol: z.string(),
        address: addressField,
        decimals: decimalsField,
        stable: z.boolean(),
        /** VaultPriceFeed.spreadBasisPoints. */
        spreadBasisPoints: basisPoints.optional(),
        /** Vault.minProfitBasisPoints. */
        minProfitBasisPoints: basisPoints.optional(),
      }),
    )
    .optional(),
  /** Values the Vault holds from the first block on; it has no events for them. */
  initialParameters: z
    .looseObject({
      maxLeverage: integerField.optional(),
      liquidationFeeUsd: integerField.optional(),
      marginFeeBasisPoints: integerField.optional(),
      fundingInterval: integerField.optional(),
      fundingRateFactor: integerField.optional(),
      stableFundingRateFactor: integerField.optional(),
      minProfitTime: integerField.optional(),
    })
    .optional(),
});
export type GmxV1Manifest = z.infer<typeof gmxV1ManifestSchema>;
