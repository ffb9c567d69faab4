/** gTrade on public chains: one diamond a chain emits everything. */
export const VENUE = 'gtrade';

export interface Deployment {
  readonly chainId: number;
  readonly chain: string;
  readonly diamond: string;
  /**
   * Where the venue's own indexer starts; the diamonds of Arbitrum and Polygon may be older. 0 where no
   * source states a block.
   */
  readonly firstBlock: number;
  /** Whether the pair list of data/pairs.json holds (it is that of the main networks). */
  readonly hasKnownPairs: boolean;
}

/**
 * GainsNetwork-org/sdk a8c6987d src/contracts/addresses.json (diamonds); GainsNetwork-org/
 * gtrade-stats-subgraph 7cea18cc packages/stats-subgraph/config/*.json and its history (blocks).
 */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    chainId: 42161,
    chain: 'arbitrum',
    diamond: '0xff162c694eaa571f685030649814282ea457f169',
    firstBlock: 190_420_046,
    hasKnownPairs: true,
  },
  {
    chainId: 137,
    chain: 'polygon',
    diamond: '0x209a9a01980377916851af2ca075c2b170452018',
    firstBlock: 57_037_724,
    hasKnownPairs: true,
  },
  {
    chainId: 8453,
    chain: 'base',
    diamond: '0x6cd5ac19a07518a8092eeffda4f1174c72704eeb',
    firstBlock: 20_318_895,
    hasKnownPairs: true,
  },
  {
    chainId: 33139,
    chain: 'apechain',
    diamond: '0x2be5d7058adba14bc38e4a83e94a81f7491b0163',
    firstBlock: 4_603_247,
    hasKnownPairs: true,
  },
  {
    chainId: 4326,
    chain: 'megaeth',
    diamond: '0x2d5b1ba6e2093a5b927fe5bf8c049b107de31eaf',
    firstBlock: 0,
    hasKnownPairs: true,
  },
  {
    chainId: 421614,
    chain: 'arbitrum-sepolia',
    diamond: '0xd659a15812064c79e189fd950a189b15c75d3186',
    firstBlock: 0,
    hasKnownPairs: false,
  },
];

export function deploymentOn(chainId: number, chain: string): Deployment | null {
  return DEPLOYMENTS.find((one) => one.chainId === chainId && one.chain === chain) ?? null;
}
