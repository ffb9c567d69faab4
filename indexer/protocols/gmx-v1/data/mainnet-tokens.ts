/** A token the Vault knows: as index, as collateral of longs (not stable) or of shorts (stable). */
export interface GmxV1Token {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
  readonly isStable: boolean;
}

/**
 * Tokens by chain id. Source: gmx-io/gmx-contracts@fe55c4ba:scripts/core/tokens.js (sections
 * `arbitrum` and `avax`; its `name` in upper case), the list of 2025-07-21. A token that was taken off
 * before is not in it.
 */
export const MAINNET_TOKENS: ReadonlyMap<number, readonly GmxV1Token[]> = new Map([
  [
    42161,
    [
      token('BTC', '0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f', 8, false),
      token('ETH', '0x82af49447d8a07e3bd95bd0d56f35241523fbab1', 18, false),
      token('LINK', '0xf97f4df75117a78c1a5a0dbb814af92458539fb4', 18, false),
      token('UNI', '0xfa7f8980b0f1e64a2062791cc3b0871572f1f7f0', 18, false),
      token('USDCE', '0xff970a61a04b1ca14834a43f5de4533ebddb5cc8', 6, true),
      token('USDC', '0xaf88d065e77c8cc2239327c5edb3a432268e5831', 6, true),
      token('USDT', '0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9', 6, true),
      token('MIM', '0xfea7a6a0b346362bf88a9e4a88416b77a57d6c2a', 18, true),
      token('FRAX', '0x17fc002b466eec40dae837fc4be5c67993ddbd6f', 18, true),
      token('DAI', '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1', 18, true),
    ],
  ],
  [
    43114,
    [
      token('AVAX', '0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7', 18, false),
      token('ETH', '0x49d5c2bdffac6ce2bfdb6640f4f80f226bc10bab', 18, false),
      token('BTCB', '0x152b9d0fdc40c096757f570a51e494bd4b943e50', 8, false),
      token('BTC', '0x50b7545627a5162f82a992c33b87adc75187b218', 8, false),
      token('MIM', '0x130966628846bfd36ff31a822705796e8cb8c18d', 18, true),
      token('USDC', '0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e', 6, true),
      token('USDCE', '0xa7d7079b0fead91f3e65f86e8915cb59c1a4c664', 6, true),
    ],
  ],
]);

function token(symbol: string, address: string, decimals: number, isStable: boolean): GmxV1Token {
  return { symbol, address, decimals, isStable };
}
