import { z } from 'zod';
import {
  addressField,
  blockField,
  decimalsField,
  hexField,
  integerField,
} from '../manifest-fields.ts';

const values = z.record(z.string(), integerField);

/**
 * `protocols.mux3` of an archive's manifest: what its logs do not say because they begin later than
 * the deployment. From the deployment on, every one of these facts has an event.
 */
export const mux3ManifestSchema = z.looseObject({
  /** The Mux3 diamond. */
  mux3: addressField,
  /** CollateralPoolEventEmitter: without it borrowing is unknown. */
  poolEventEmitter: addressField.optional(),
  markets: z
    .array(
      z.looseObject({
        id: hexField(32),
        symbol: z.string(),
        isLong: z.boolean(),
        oracleId: hexField(32),
      }),
    )
    .optional(),
  collateralTokens: z
    .array(
      z.looseObject({
        address: addressField,
        symbol: z.string(),
        decimals: decimalsField,
        isStable: z.boolean(),
      }),
    )
    .optional(),
  pools: z
    .array(z.looseObject({ address: addressField, collateralToken: addressField }))
    .optional(),
  /** Our names (positionFeeRate, maintenanceMarginRate, …), 1e18; `maxPnlRates`: pool → market → rate. */
  initialParameters: z
    .looseObject({
      asOfBlock: blockField,
      global: values.optional(),
      markets: z.record(z.string(), values).optional(),
      maxPnlRates: z.record(z.string(), values).optional(),
    })
    .optional(),
});
export type Mux3Manifest = z.infer<typeof mux3ManifestSchema>;
