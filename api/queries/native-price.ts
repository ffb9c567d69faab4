import { pricePerWhole } from '../../schema/units.ts';
import { lastAtOrBefore } from './market-timeline.ts';
import { readPricesAt } from './prices-at.ts';
import type { Source } from './source-directory.ts';
import type { Reader } from './stored-query.ts';

/** Symbols of feeds that price the native token, by chain id. */
const NATIVE_SYMBOLS: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ['WETH', 'ETH']],
  [10, ['WETH', 'ETH']],
  [8_453, ['WETH', 'ETH']],
  [42_161, ['WETH', 'ETH']],
  [43_114, ['WAVAX', 'AVAX']],
]);
const WEI = 10n ** 18n;

/** A caveat where nothing prices it. */
export const NO_NATIVE_PRICE =
  'No feed prices the chain’s native token: gas has no USD value here.';

/** USD 1e30 per whole native token at a block; null where no feed says. */
export type NativePrice = (block: number) => bigint | null;

/** The price of what gas is paid in, at the given blocks; null where no feed prices it. */
export async function readNativePrices(
  reader: Reader,
  source: Source,
  blocks: readonly number[],
): Promise<NativePrice | null> {
  const symbols = NATIVE_SYMBOLS.get(source.chainId) ?? [];
  const [feed] = [...source.tokens]
    .filter(([, token]) => token.priceDecimals !== null && symbols.includes(token.symbol ?? ''))
    .map(([key]) => key)
    .sort();
  if (feed === undefined || blocks.length === 0) return null;
  const venue = feed.slice(0, feed.indexOf(':'));
  const token = feed.slice(feed.indexOf(':') + 1);
  const found = await readPricesAt(reader, {
    chainId: source.chainId,
    feeds: [{ venue, token }],
    blocks: [...new Set(blocks)],
  });
  const prices = (found.get(feed) ?? []).flatMap(({ block, range, decimals }) =>
    decimals === null
      ? []
      : [{ block, price: pricePerWhole((range.min + range.max) / 2n, decimals) }],
  );
  return (block) => lastAtOrBefore(prices, block)?.price ?? null;
}

/** USD 1e30 of an amount in wei at a price in USD 1e30 per whole token. */
export function usdOfWei(wei: bigint, price: bigint): bigint {
  return (wei * price) / WEI;
}
