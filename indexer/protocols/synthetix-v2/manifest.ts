import { z } from 'zod';
import { addressField, decimalsField, hexField } from '../manifest-fields.ts';

/** `protocols.synthetix-v2` of an archive's manifest. */
export const synthetixV2Manifest = z.looseObject({
  markets: z.array(
    z.looseObject({
      /** The market's proxy: it emits everything. */
      address: addressField,
      /** @example 'sETHPERP' */
      key: z.string(),
      /** The same as the contracts hold it: ASCII padded with zeros. */
      keyBytes32: hexField(32),
      /** The contracts' name of what is traded. @example 'sETH' */
      asset: z.string(),
      symbol: z.string(),
      /** The Chainlink aggregator behind the asset's on-chain price. */
      aggregator: addressField,
      aggregatorDecimals: decimalsField,
    }),
  ),
  /** Contracts of PerpsV2MarketSettings and FuturesMarketManager, all that ever were. */
  settings: z.array(addressField),
  managers: z.array(addressField),
  /** sUSD. */
  marginToken: addressField,
});
