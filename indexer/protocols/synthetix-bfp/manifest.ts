import { z } from 'zod';
import {
  addressField,
  blockField,
  decimalsField,
  hexField,
  integerField,
} from '../manifest-fields.ts';

const idField = z.string().regex(/^\d{1,39}$/, 'expected an id as decimal text');
/** A Pyth feed and the decimals of its prices (minus its exponent). */
const feedField = z.looseObject({ feedId: hexField(32), decimals: decimalsField });
const values = z.record(z.string(), integerField);

/**
 * `protocols.synthetix-bfp` of an archive's manifest. No main net deployment is published and the logs
 * name neither feeds nor settings: what is not named here is unknown.
 */
export const bfpManifestSchema = z.looseObject({
  /** BfpMarketProxy. */
  proxy: addressField,
  /** sUSD, the collateral that counts one to one; without it no margin is known. */
  usdToken: addressField.optional(),
  markets: z.array(z.looseObject({ id: idField, symbol: z.string(), feed: feedField })).optional(),
  /** ETH / USD, in which the keepers' gas is counted. */
  ethFeed: feedField.optional(),
  collaterals: z
    .array(z.looseObject({ address: addressField, symbol: z.string(), feed: feedField }))
    .optional(),
  /** Deposits name who moved the tokens, not the account: owners with one account tell it. */
  accounts: z.array(z.looseObject({ id: idField, owner: addressField })).optional(),
  /**
   * Settings as in PerpMarketConfiguration.sol, under its names, and `blockBaseFee` (wei) for the
   * keepers' gas; `collateralSkewScales` by token.
   */
  initialParameters: z
    .looseObject({
      asOfBlock: blockField,
      global: values.optional(),
      markets: z.record(z.string(), values).optional(),
      collateralSkewScales: values.optional(),
    })
    .optional(),
});
export type BfpManifest = z.infer<typeof bfpManifestSchema>;
