import mainnetMarkets from './data/mainnet-markets.json' with { type: 'json' };
import type { GmxV2Manifest } from './manifest.ts';

export interface GmxMarket {
  /** Address of the market token, which is the market's identity. */
  readonly address: string;
  readonly name: string;
  /** Symbol of the index token. */
  readonly symbol: string;
  /** 0x0…0 in markets for swaps only. */
  readonly indexToken: string;
  readonly longToken: string;
  readonly shortToken: string;
}

/** @example marketName('BTC', 'WBTC', 'USDC') // 'BTC/USD [WBTC-USDC]' */
function marketName(symbol: string, longSymbol: string, shortSymbol: string): string {
  return `${symbol}/USD [${longSymbol}-${shortSymbol}]`;
}

/**
 * Markets of a chain: those of an archive's manifest where it names any, else the committed list of
 * the public chain (its source stands in data/mainnet-markets.json); empty where neither knows one.
 */
export function gmxMarkets(
  publicChainId: number | null,
  manifest: GmxV2Manifest | null,
): readonly GmxMarket[] {
  if (manifest?.markets) {
    return manifest.markets.map(({ address, name, symbol, indexToken, longToken, shortToken }) => {
      return { address, name, symbol, indexToken, longToken, shortToken };
    });
  }
  return mainnetMarkets.markets
    .filter((market) => market.chainId === publicChainId)
    .map(({ longSymbol, shortSymbol, address, symbol, indexToken, longToken, shortToken }) => {
      const name = marketName(symbol, longSymbol, shortSymbol);
      return { address, name, symbol, indexToken, longToken, shortToken };
    });
}
