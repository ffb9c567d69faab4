import { readFeedTable } from '../feed-table.ts';

const TABLE = new URL('./data/feeds.tsv', import.meta.url);

let listed: ReadonlyMap<string, number> | null = null;

/**
 * Decimals by feed name, as RedStone's signed data packages state them; data/SOURCE.md says where. They
 * are those of RedStone's own adapters: of another contract with the same event nobody knows them.
 * @throws CorruptDataError when the committed file is damaged.
 */
export function listedDecimals(): ReadonlyMap<string, number> {
  listed ??= new Map(
    readFeedTable(TABLE, { name: /^[\x21-\x7e]{1,32}$/, decimals: /^\d{1,2}$/ }).map(
      ({ name, decimals }) => [name, Number(decimals)],
    ),
  );
  return listed;
}
