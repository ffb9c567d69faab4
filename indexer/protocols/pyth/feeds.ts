import { readFeedTable } from '../feed-table.ts';

export interface PythFeed {
  /** 0x and 64 hex digits, lower case; the same on every chain. */
  readonly id: string;
  /** @example 'ETH / USD'; '' = not known. */
  readonly symbol: string;
  /** Price = integer × 10^exponent. It is in no event; null = nobody states it where we could read it. */
  readonly exponent: number | null;
}

/** Feeds by id. */
export type FeedsById = ReadonlyMap<string, PythFeed>;

const TABLE = new URL('./data/feeds.tsv', import.meta.url);

let listed: FeedsById | null = null;

/** Feeds of Pyth's stable channel that are published; data/SOURCE.md says where. */
export function listedFeeds(): FeedsById {
  listed ??= readListedFeeds();
  return listed;
}

/** @throws CorruptDataError when the committed file is damaged. */
function readListedFeeds(): FeedsById {
  const rows = readFeedTable(TABLE, {
    id: /^0x[0-9a-f]{64}$/,
    symbol: /^(\w[\w./-]*)?$/,
    symbolSource: /^[SR+]*$/,
    exponent: /^(-?\d{1,2})?$/,
    exponentSource: /^[HPA+]*$/,
  });
  return new Map(
    rows.map(({ id, symbol, exponent }) => [
      id,
      { id, symbol: plainSymbol(symbol), exponent: exponent === '' ? null : Number(exponent) },
    ]),
  );
}

/**
 * 'Crypto.ETH/USD' → 'ETH / USD', as other oracles write it, so that one market's feeds can be told by
 * name. Only where the class says no more than the pair: an equity may share a token's ticker.
 */
export function plainSymbol(symbol: string): string {
  const pair = /^(?:Crypto|FX|Metal)\.([^./]+)\/([^./]+)$/.exec(symbol);
  return pair ? `${pair[1]} / ${pair[2]}` : symbol;
}
