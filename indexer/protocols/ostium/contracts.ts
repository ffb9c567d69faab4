/** Ostium: isolated leveraged trades on Arbitrum, USDC collateral; its contracts descend from Gains v5. */
export const VENUE = 'ostium';

export interface VenueContract {
  readonly role: string;
  readonly address: string;
  readonly source: string;
}

export interface Deployment {
  readonly chainId: number;
  readonly chain: string;
  readonly contracts: readonly VenueContract[];
}

const SDK = '0xOstium/ostium-python-sdk@6e65aef:ostium_python_sdk/config.py';
const DEFILLAMA = 'DefiLlama/dimension-adapters@e7346b0e:fees/ostium/index.ts';
const BOUNTY_SCOPE = 'scope of the venue’s bug bounty (immunefi.com/bug-bounty/ostium/scope)';

/** Native USDC of Arbitrum: the only collateral. Source: the SDK's configuration. */
export const COLLATERAL_TOKEN = '0xaf88d065e77c8cc2239327c5edb3a432268e5831';
export const COLLATERAL_DECIMALS = 6;

/**
 * Proxies whose code was upgraded in place. No source states the blocks of their deployment: the chain
 * is read from its first block (few logs, so a scan costs little).
 */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    chainId: 42161,
    chain: 'arbitrum',
    contracts: [
      { role: 'Trading', address: '0x6d0ba1f9996dbd8885827e1b2e8f6593e7702411', source: SDK },
      {
        role: 'TradingStorage',
        address: '0xccd5891083a8acd2074690f65d3024e7d13d66e7',
        source: SDK,
      },
      {
        role: 'TradingCallbacks',
        address: '0x7720fc8c8680bf4a1af99d44c6c265a74e9742a9',
        source: DEFILLAMA,
      },
      {
        role: 'PairInfos',
        address: '0x3890243a8fc091c626ed26c087a028b46bc9d66c',
        source: DEFILLAMA,
      },
      {
        role: 'PairsStorage',
        address: '0x260e349f643f12797fdc6f8c9d3df211d5577823',
        source: BOUNTY_SCOPE,
      },
      {
        role: 'PriceUpKeep',
        address: '0x52b2a78e12b09b66c6c8ce291d653d40bab77f0c',
        source: BOUNTY_SCOPE,
      },
      {
        role: 'PrivatePriceUpKeep',
        address: '0xb71ec9ebd8145dacacf6724363143cb5667a3d36',
        source: BOUNTY_SCOPE,
      },
    ],
  },
];

/** The public deployment on that chain, or null: a local chain may bear a public id. */
export function deploymentOn(chainId: number, chain: string): Deployment | null {
  return DEPLOYMENTS.find((d) => d.chainId === chainId && d.chain === chain) ?? null;
}
