import { manifestSection } from '../manifest-section.ts';
import type { ChainContext } from '../protocol-adapter.ts';
import { synthetixV2Manifest } from './manifest.ts';
import { marketsOnOptimism, type SynthetixMarket } from './optimism-markets.ts';

export const VENUE = 'synthetix-v2';

/** Everything of Synthetix Perps V2 that is known of one chain. */
export interface Deployment {
  readonly markets: readonly SynthetixMarket[];
  readonly settings: readonly string[];
  readonly managers: readonly string[];
  /** sUSD. */
  readonly marginToken: string;
  readonly firstBlock: number;
  readonly source: 'MANIFEST' | 'SNAPSHOT';
}

export const OPTIMISM = { chainId: 10, chain: 'optimism' } as const;

/**
 * Synthetixio/synthetix 1609d156708eb77025478cbcd92b98de51faf1e3, publish/deployed/mainnet-ovm:
 * `versions.json` for the contracts that were replaced (2.80.3, 2.80.5, 2.86.1), `deployment.json` for
 * sUSD. First block: Kwenta/kwenta-subgraph d0ccee4a5204858fa7f59937c687898ff64087f1 starts its
 * managers there; the repository of the contracts states no block numbers.
 */
export function onOptimism(): Deployment {
  return {
    markets: marketsOnOptimism(),
    settings: [
      '0xd442dc2ac1f3ca1c86c8329246e47ca0c91d0471',
      '0x09793aad1518b8d8cc72fdd356479e3cba7b4ad1',
      '0x649f44cac3276557d03223dbf6395af65b11c11c',
    ],
    managers: [
      '0xdb89f3fc45a707dd49781495f77f8ae69bf5ca6e',
      '0xd30bdfd7e7a65fe109d5de1d4e95f3b800fb7463',
    ],
    marginToken: '0x8c6f28f2f1a3c87f0f938b96d27520d9751ec8d9',
    firstBlock: 52_456_507,
    source: 'SNAPSHOT',
  };
}

/** What the archive's manifest says, or what is known of the public chain; null: not there. */
export function deploymentOf({ chainId, chain, manifest }: ChainContext): Deployment | null {
  if (manifest === null) {
    return chainId === OPTIMISM.chainId && chain === OPTIMISM.chain ? onOptimism() : null;
  }
  const section = manifestSection(manifest, VENUE, synthetixV2Manifest);
  if (section === null) return null;
  return { ...section, firstBlock: manifest.fromBlock, source: 'MANIFEST' };
}
