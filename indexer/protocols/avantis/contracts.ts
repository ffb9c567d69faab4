/** Avantis: isolated leveraged trades on Base, USDC collateral; its contracts descend from Gains v6. */
export const VENUE = 'avantis';

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

const SDK = 'Avantis-Labs/avantis_trader_sdk@5a055ae:avantis_trader_sdk/config.py';
const OLD_SDK = 'Avantis-Labs/avantis_trader_sdk@0d7227a8:avantis_trader_sdk/config.py';
const THIRD_PARTY = 'indexers of third parties (dawksh/avantis-indexer@b8ed2276 and two others)';

/** USDC of Base: the only collateral. Source: the SDK's configuration. */
export const COLLATERAL_TOKEN = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913';
export const COLLATERAL_DECIMALS = 6;

/**
 * All are proxies whose code was upgraded in place, and two were replaced. No source states the blocks
 * of their deployment: a chain is read from its first block (few logs, so a scan costs little).
 */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    chainId: 8453,
    chain: 'base',
    contracts: [
      {
        role: 'TradingCallbacks',
        address: '0x0c16ff40065cc3ab4bc55b60e447504afb9c7970',
        source: THIRD_PARTY,
      },
      { role: 'Trading', address: '0x44914408af82bc9983bbb330e3578e1105e11d4e', source: SDK },
      {
        role: 'Trading (until it was replaced)',
        address: '0x5ff292d70ba9cd9e7ccb313782811b3d7120535f',
        source: THIRD_PARTY,
      },
      {
        role: 'TradingStorage',
        address: '0x8a311d7048c35985aa31c131b9a13e03a5f7422d',
        source: SDK,
      },
      { role: 'PairInfos', address: '0x81f22d0cc22977c91befe648c9fddf1f2bd977e5', source: SDK },
      {
        role: 'PriceAggregator',
        address: '0x64e2625621970f8cfa17b294670d61cb883da511',
        source: SDK,
      },
      { role: 'PairStorage', address: '0x5db3772136e5557efe028db05ee95c84d76faec4', source: SDK },
      {
        role: 'PairStorage (until it was replaced)',
        address: '0x92ed158d5e423cfdc9eed5bd7328fff7ced6ff94',
        source: OLD_SDK,
      },
    ],
  },
];

/** The public deployment on that chain, or null: a local chain may bear a public id. */
export function deploymentOn(chainId: number, chain: string): Deployment | null {
  return DEPLOYMENTS.find((d) => d.chainId === chainId && d.chain === chain) ?? null;
}
