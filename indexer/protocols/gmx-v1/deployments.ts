export const VENUE = 'gmx-v1';

/** Addresses are lower case. */
export interface Deployment {
  readonly chainId: number;
  /** Public chain name: with the id it names the chain, for a local chain may bear a public id. */
  readonly chain: string;
  readonly vault: string;
  /** Block of the Vault's deployment. */
  readonly firstBlock: number;
  /** FastPriceEvents: PriceUpdate. */
  readonly priceEvents: string;
  /** FastPriceFeeds that emitted SetPrice themselves. */
  readonly earlyPriceFeeds: readonly string[];
  /** Contracts that close a position because its owner asked for it. */
  readonly positionRouters: readonly string[];
  readonly orderBooks: readonly string[];
}

/**
 * Sources: gmx-io/gmx-subgraph@a841c81f gmx-arbitrum-stats, gmx-arbitrum-raw, gmx-arbitrum-prices,
 * gmx-avalanche-raw and gmx-avalanche-stats subgraph.yaml (Vault, FastPriceEvents, OrderBook, first
 * FastPriceFeed, earlier PositionRouter; blocks); gmx-io/gmx-interface@a78e920e
 * sdk/src/configs/contracts.ts (PositionRouter). Earlier routers than these may exist.
 */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    chainId: 42161,
    chain: 'arbitrum',
    vault: '0x489ee077994b6658eafa855c308275ead8097c4a',
    firstBlock: 227_091,
    priceEvents: '0x4530b7de1958270a2376be192a24175d795e1b07',
    earlyPriceFeeds: ['0x73fe72c9caa0faf0e488570d5898984783e728df'],
    positionRouters: [
      '0xb87a436b93ffe9d75c5cfa7bacfff96430b09868',
      '0x3d6ba331e3d9702c5e8a8d254e5d8a285f223aba',
    ],
    orderBooks: ['0x09f77e8a13de9a35a7231028187e9fd5db8a2acb'],
  },
  {
    chainId: 43114,
    chain: 'avalanche',
    vault: '0x9ab2de34a33fb459b538c43f251eb825645e8595',
    firstBlock: 8_351_228,
    priceEvents: '0x02b7023d43bc52bff8a0c54a9f2ecec053523bf6',
    earlyPriceFeeds: [],
    positionRouters: ['0xfff6d276bc37c61a23f06410dce4a400f66420f8'],
    orderBooks: ['0x4296e307f108b2f583ff2f7b7270ee7831574ae5'],
  },
];

/** The public deployment on that chain, or null. */
export function deploymentOn(chainId: number, chain: string): Deployment | null {
  return DEPLOYMENTS.find((one) => one.chainId === chainId && one.chain === chain) ?? null;
}
