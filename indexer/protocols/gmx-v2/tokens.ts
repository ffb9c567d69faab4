import mainnetTokens from './data/mainnet-tokens.json' with { type: 'json' };
import type { GmxV2Manifest } from './manifest.ts';

/** A token of the venue. `decimals` scale amounts; prices carry 30 - decimals. */
export interface GmxToken {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
  /** No contract behind it: an index price only, its address is derived from chain id and symbol. */
  readonly isSynthetic: boolean;
}

/**
 * Tokens of a chain: those of an archive's manifest where it names any, else the committed list of
 * the public chain (its source stands in data/mainnet-tokens.json); empty where neither knows one.
 */
export function gmxTokens(
  publicChainId: number | null,
  manifest: GmxV2Manifest | null,
): readonly GmxToken[] {
  if (manifest?.tokens) {
    return manifest.tokens.map(({ address, symbol, decimals, synthetic }) => {
      return { address, symbol, decimals, isSynthetic: synthetic };
    });
  }
  return mainnetTokens.tokens
    .filter((token) => token.chainId === publicChainId)
    .map(({ address, symbol, decimals, synthetic }) => {
      return { address, symbol, decimals, isSynthetic: synthetic };
    });
}
