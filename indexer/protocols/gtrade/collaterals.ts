import type { GtradeManifest } from './manifest.ts';

/** A collateral of the diamond, known by its index. */
export interface Collateral {
  readonly index: number;
  /** Lower-case address, or `collateral:<index>` where no source states one. */
  readonly token: string;
  readonly symbol: string;
  readonly decimals: number;
}

const collateral = (
  index: number,
  symbol: string,
  decimals: number,
  token?: string,
): Collateral => ({
  index,
  token: token ?? collateralName(index),
  symbol,
  decimals,
});

/** @example collateralName(3) // 'collateral:3' */
export function collateralName(index: number): string {
  return `collateral:${index}`;
}

/**
 * Symbols: GainsNetwork-org/gtrade-stats-subgraph 7cea18cc packages/stats-subgraph/src/utils/contract/
 * GNSMultiCollatDiamond; decimals: its src/utils/constants.ts (USDC 6, every other 18). No source
 * states the tokens' addresses on the main networks (the diamond's CollateralAdded does: it is kept
 * as the parameter `collateral.<index>`). Arbitrum Sepolia: GainsNetwork-org/sdk a8c6987d
 * src/backend/tradingVariables/sample.json, with addresses. Later collaterals are not listed here:
 * without decimals nothing about them can be said in USD.
 */
const PUBLISHED: ReadonlyMap<number, readonly Collateral[]> = new Map([
  [42161, [collateral(1, 'DAI', 18), collateral(2, 'WETH', 18), collateral(3, 'USDC', 6)]],
  [137, [collateral(1, 'DAI', 18), collateral(2, 'WETH', 18), collateral(3, 'USDC', 6)]],
  [8453, [collateral(1, 'USDC', 6), collateral(2, 'BTCUSD', 18)]],
  [33139, [collateral(1, 'APE', 18)]],
  [
    421614,
    [
      collateral(1, 'DAI', 18, '0xfbb7e7fee1525958bf5a4f04ed8d7be547ab6d27'),
      collateral(2, 'WETH', 18, '0x980b62da83eff3d4576c647993b0c1d7faf17c73'),
      collateral(3, 'USDC', 6, '0x4cc7ebeed5ea3adf3978f19833d2e1f3e8980cd6'),
      collateral(4, 'GNS', 18, '0xa5a0eb8710f9a949ad5f4501c3494f2fda58ffe3'),
    ],
  ],
]);

/** Those of the manifest where it names any, else what is published for the public chain. */
export function collateralsOf(
  publicChainId: number | null,
  manifest: GtradeManifest | null,
): readonly Collateral[] {
  if (manifest?.collaterals) {
    return manifest.collaterals.map(({ index, address, symbol, decimals }) =>
      collateral(index, symbol, decimals, address),
    );
  }
  return (publicChainId === null ? null : PUBLISHED.get(publicChainId)) ?? [];
}
