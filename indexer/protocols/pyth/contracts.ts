/** Pyth on a public chain. */
export interface PythDeployment {
  readonly chainId: number;
  readonly chain: string;
  /** The contract of Pyth's stable channel, whose prices Pythnet signed until the upgrade. */
  readonly contract: string;
  /** The contract with the same interface whose prices Pyth Pro has signed from the start. */
  readonly proContract: string | null;
}

/**
 * pyth-network/pyth-crosschain 7c915eb10e457166b9d0f2ca05132eae10542e0f,
 * contract_manager/src/store/contracts/EvmPriceFeedContracts.json. It states no first blocks.
 */
export const DEPLOYMENTS: readonly PythDeployment[] = [
  {
    chainId: 1,
    chain: 'ethereum',
    contract: '0x4305fb66699c3b2702d4d05cf36551390a4c69c6',
    proContract: '0x14b9932cc9ac8ee03301665a8644a753f46d8552',
  },
  {
    chainId: 10,
    chain: 'optimism',
    contract: '0xff1a0f4744e8582df1ae09d5611b887b6a12925c',
    proContract: '0xa78951b6badc9f4740f6f456e9144705d5c5e4b2',
  },
  {
    chainId: 56,
    chain: 'bsc',
    contract: '0x4d7e825f80bdf85e913e0dd2a2d54927e9de1594',
    proContract: '0xdf21d137aadc95588205586636710ca2890538d5',
  },
  {
    chainId: 100,
    chain: 'gnosis',
    contract: '0x2880ab155794e7179c9ee2e38200202908c17b43',
    proContract: null,
  },
  {
    chainId: 137,
    chain: 'polygon',
    contract: '0xff1a0f4744e8582df1ae09d5611b887b6a12925c',
    proContract: '0x6e7d74fa7d5c90fef9f0512987605a6d546181bb',
  },
  {
    chainId: 146,
    chain: 'sonic',
    contract: '0x2880ab155794e7179c9ee2e38200202908c17b43',
    proContract: '0x2b9bb0042db2f30650d73bb83cbae584807d2fe4',
  },
  {
    chainId: 250,
    chain: 'fantom',
    contract: '0xff1a0f4744e8582df1ae09d5611b887b6a12925c',
    proContract: null,
  },
  {
    chainId: 4326,
    chain: 'megaeth',
    contract: '0x2880ab155794e7179c9ee2e38200202908c17b43',
    proContract: null,
  },
  {
    chainId: 5000,
    chain: 'mantle',
    contract: '0xa2aa501b19aff244d90cc15a4cf739d2725b5729',
    proContract: null,
  },
  {
    chainId: 8453,
    chain: 'base',
    contract: '0x8250f4af4b972684f7b336503e2d6dfedeb1487a',
    proContract: '0xbc16aee60f64864882bc6c4e428e148fc0e272f5',
  },
  {
    chainId: 42161,
    chain: 'arbitrum',
    contract: '0xff1a0f4744e8582df1ae09d5611b887b6a12925c',
    proContract: '0xe15357fb7ab31e091583b9c4b4135bb2f176f38e',
  },
  {
    chainId: 43114,
    chain: 'avalanche',
    contract: '0x4305fb66699c3b2702d4d05cf36551390a4c69c6',
    proContract: null,
  },
  {
    chainId: 59144,
    chain: 'linea',
    contract: '0xa2aa501b19aff244d90cc15a4cf739d2725b5729',
    proContract: '0x986c00a290d1767651723c7cf9e5bd7bd745f6f9',
  },
  {
    chainId: 81457,
    chain: 'blast',
    contract: '0xa2aa501b19aff244d90cc15a4cf739d2725b5729',
    proContract: null,
  },
  {
    chainId: 421614,
    chain: 'arbitrum-sepolia',
    contract: '0x4374e5a8b9c22271e9eb878a2aa31de97df15daf',
    proContract: '0x0b73614636c855bf23f342f307fb981a3e47f42b',
  },
  {
    chainId: 534352,
    chain: 'scroll',
    contract: '0xa2aa501b19aff244d90cc15a4cf739d2725b5729',
    proContract: null,
  },
];

/** The public deployment on that chain, or null. */
export function deploymentOn(chainId: number, chain: string): PythDeployment | null {
  return DEPLOYMENTS.find((d) => d.chainId === chainId && d.chain === chain) ?? null;
}
