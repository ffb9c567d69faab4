import { UsageError } from '../../schema/errors.ts';

/** A public chain that HyperSync serves. */
export interface Chain {
  readonly name: string;
  readonly chainId: number;
  /** HyperSync endpoint, without trailing slash. */
  readonly hypersyncUrl: string;
  /**
   * Blocks below the head that may still be replaced: their hashes are kept to notice a reorg, and
   * what lies deeper counts as final.
   */
  readonly finalityDepth: number;
  /**
   * Blocks below the head after which a replacement would be news: reorgs of this depth happen only
   * when something is wrong with the chain. Answers above it are marked HEAD, below it SAFE.
   */
  readonly safeDepth: number;
  /** Typical seconds between two blocks: how often it is worth asking for a new head. */
  readonly blockTimeSeconds: number;
}

type ChainRow = readonly [
  name: string,
  chainId: number,
  finalityDepth: number,
  safeDepth: number,
  blockTimeSeconds: number,
];

/**
 * Names and ids are those of Envio's list of supported networks. Reorg depths are deliberately
 * wider than the reorgs those chains have shown; HyperSync itself does not say how many blocks it
 * holds as reversible.
 *
 * Safe depths, by what makes a block stay:
 * - ethereum, gnosis: one epoch of slots (32, 16), after which a block is as a rule justified.
 * - optimism, base, mantle, blast, linea, scroll, megaeth: one sequencer orders the blocks, and only
 *   a batch that does not reach L1 unmakes them; about a minute or two, within which batches are sent.
 * - arbitrum and its kin: the same with blocks of a quarter of a second; about ten seconds, since its
 *   sequencer feed has not been taken back further without an outage.
 * - bsc: 15 blocks, the rule of its exchanges from the time before fast finality (2 blocks).
 * - polygon: 64, four sprints of producers; since milestones (2023) reorgs stay below one sprint.
 * - avalanche, sonic, fantom: final when accepted; 5 for the instances of an endpoint that differ.
 */
const CHAIN_ROWS: readonly ChainRow[] = [
  ['ethereum', 1, 64, 32, 12],
  ['optimism', 10, 200, 60, 2],
  ['bsc', 56, 100, 15, 0.75],
  ['gnosis', 100, 100, 16, 5],
  ['polygon', 137, 256, 64, 2],
  ['sonic', 146, 100, 5, 1],
  ['fantom', 250, 100, 5, 1],
  ['megaeth', 4326, 200, 60, 1],
  ['mantle', 5000, 200, 60, 2],
  ['base', 8453, 200, 60, 2],
  ['arbitrum', 42161, 200, 40, 0.25],
  ['arbitrum-nova', 42170, 200, 40, 0.25],
  ['avalanche', 43114, 100, 5, 1.5],
  ['linea', 59144, 200, 60, 2],
  ['blast', 81457, 200, 60, 2],
  ['arbitrum-sepolia', 421614, 200, 40, 0.25],
  ['scroll', 534352, 200, 40, 3],
];

export const CHAINS: readonly Chain[] = CHAIN_ROWS.map(
  ([name, chainId, finalityDepth, safeDepth, blockTimeSeconds]) => ({
    name,
    chainId,
    hypersyncUrl: `https://${chainId}.hypersync.xyz`,
    finalityDepth,
    safeDepth,
    blockTimeSeconds,
  }),
);

/** @throws UsageError that lists the names known. */
export function chainByName(name: string): Chain {
  const wanted = name.trim().toLowerCase();
  const chain = CHAINS.find((candidate) => candidate.name === wanted);
  if (!chain) {
    throw new UsageError(`No chain is called "${name.slice(0, 60)}".`, {
      facts: { known: CHAINS.map((candidate) => candidate.name).join(', ') },
      remedy:
        'Take one of these names; for any other chain give the endpoint with --hypersync-url.',
    });
  }
  return chain;
}

/** Null for a chain that is in no list: an archive of a local chain, or one read by its URL. */
export function chainById(chainId: number): Chain | null {
  return CHAINS.find((chain) => chain.chainId === chainId) ?? null;
}

/**
 * The endpoint in the one form the client can use: http(s), no trailing slash (the client would ask
 * for `//height`, which is another path). @throws UsageError when the text is not such a URL.
 */
export function normalizeEndpoint(text: string): string {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new UsageError('That is not a HyperSync endpoint.', {
      facts: { url: withoutCredentials(trimmed) },
      remedy: 'Give a URL such as https://42161.hypersync.xyz (HYPERSYNC_URL or --hypersync-url).',
    });
  }
  return trimmed.replace(/\/+$/, '');
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
}
