/** Where MUX3 stands on a public chain. */
export interface Mux3Deployment {
  readonly chainId: number;
  readonly chain: string;
  /** The Mux3 diamond. */
  readonly mux3: string;
  /** CollateralPoolEventEmitter of all its pools. */
  readonly poolEventEmitter: string;
  readonly firstBlock: number;
}

/** mux-world/mux3-protocol@9a371568 deployments/arb1.deployment.json (`deployedAt` of the diamond). */
export const DEPLOYMENTS: readonly Mux3Deployment[] = [
  {
    chainId: 42161,
    chain: 'arbitrum',
    mux3: '0x85c8f4a67f4f9ad7b38e875c8fede7f4c878bfac',
    poolEventEmitter: '0xff5bb66f074efec32daca30f562e55e19f1ed758',
    firstBlock: 302_779_865,
  },
];

export function deploymentOn(chainId: number, chain: string): Mux3Deployment | null {
  return DEPLOYMENTS.find((one) => one.chainId === chainId && one.chain === chain) ?? null;
}
