import { runCli } from '../e2e/run-cli.ts';

export type Digests = Readonly<Record<string, { readonly rows: number; readonly digest: string }>>;

/**
 * Rows and digest of every table of a store, by `bulkhead verify`, which also compares it with its
 * source: the archive that it names, or the one of the flags.
 * @throws Error with the findings when the store does not keep its promises.
 */
export async function digestsOf(
  data: string,
  source: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Digests> {
  const result = await runCli(['verify', '--json', '--data', data, ...source], environment);
  if (result.code !== 0) throw new Error(`verify: ${result.stdout}\n${result.stderr}`);
  return (JSON.parse(result.stdout) as { tables: Digests }).tables;
}

/** Tables of which the two stores hold other rows. */
export function differences(one: Digests, other: Digests): string[] {
  return Object.keys({ ...one, ...other }).filter(
    (table) =>
      one[table]?.rows !== other[table]?.rows || one[table]?.digest !== other[table]?.digest,
  );
}
