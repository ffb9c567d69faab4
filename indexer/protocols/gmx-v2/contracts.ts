/** GMX V2 on public chains. */
export const VENUE = 'gmx-v2';

export interface Deployment {
  readonly chainId: number;
  /** Public chain name: with the id it names the chain, for a local chain may bear a public id. */
  readonly chain: string;
  readonly eventEmitter: string;
  /** Block of the EventEmitter's deployment. */
  readonly firstBlock: number;
  /**
   * Oracle providers that put the block's time into OraclePriceUpdate.timestamp. The deployments
   * known today; earlier ones exist, so an old update may lack the mark.
   */
  readonly blockTimeProviders: readonly string[];
}

/**
 * The EventEmitter has stayed the same through every upgrade. Sources: gmx-io/gmx-synthetics
 * a5c0c883 deployments/<chain>/{EventEmitter,ChainlinkPriceFeedProvider}.json (address, receipt
 * block); gmx-io/gmx-subgraph a841c81f synthetics-stats/subgraph-megaeth.yaml. 0x9021…18b0 was seen
 * on Arbitrum in 2026 with a timestamp always equal to the block's.
 */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    chainId: 42161,
    chain: 'arbitrum',
    eventEmitter: '0xc8ee91a54287db53897056e12d9819156d3822fb',
    firstBlock: 107_737_756,
    blockTimeProviders: [
      '0x38b8db61b724b51e42a88cb8ec564cd685a0f53b',
      '0x90218fbb064b1475e4382b041cc7ccf08af718b0',
    ],
  },
  {
    chainId: 43114,
    chain: 'avalanche',
    eventEmitter: '0xdb17b211c34240b014ab6d61d4a31fa0c0e20c26',
    firstBlock: 32_162_455,
    blockTimeProviders: ['0x05d97cee050bfb81fb3ead4a9368584f8e72c88e'],
  },
  {
    chainId: 3637,
    chain: 'botanix',
    eventEmitter: '0xaf2e131d483cede068e21a9228ad91e623a989c2',
    firstBlock: 117_907,
    blockTimeProviders: ['0xdc613305e9267f0770072deab8c03162e0554b2d'],
  },
  {
    chainId: 4326,
    chain: 'megaeth',
    eventEmitter: '0xaf2e131d483cede068e21a9228ad91e623a989c2',
    firstBlock: 5_661_063,
    blockTimeProviders: [],
  },
];

/** The public deployment on that chain, or null. */
export function deploymentOn(chainId: number, chain: string): Deployment | null {
  return DEPLOYMENTS.find((d) => d.chainId === chainId && d.chain === chain) ?? null;
}
