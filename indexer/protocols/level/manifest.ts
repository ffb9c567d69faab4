import { z } from 'zod';
import { addressField, blockField, decimalsField, integerField } from '../manifest-fields.ts';

/**
 * `protocols.level` of an archive's manifest. No address of a public deployment is published with the
 * sources, so the contracts are named here or nowhere.
 */
export const levelManifestSchema = z.looseObject({
  pool: addressField,
  /** LevelOracle; without it there are no prices. */
  oracle: addressField.optional(),
  /** Each listed token is a market (longs have it as collateral too, shorts a stable coin). */
  tokens: z
    .array(z.looseObject({ address: addressField, symbol: z.string(), decimals: decimalsField }))
    .optional(),
  /**
   * Values that hold after block `asOfBlock` and that no event set: positionFee, maintenanceMargin
   * (1e10), liquidationFee (USD 1e30), maxLeverage, interestRate, accrualInterval.
   */
  initialParameters: z
    .looseObject({ asOfBlock: blockField, global: z.record(z.string(), integerField) })
    .optional(),
});
export type LevelManifest = z.infer<typeof levelManifestSchema>;
