import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { UsageError } from '../../schema/errors.ts';
import type { Settings } from '../../schema/settings.ts';
import type { SourceToAsk } from '../audit/audit-context.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { readArchiveManifest } from '../replay/archive-manifest-file.ts';
import { startReplayProcess } from '../replay/replay-process.ts';
import { DEFAULT_BACKOFF } from '../source/backoff.ts';
import { chainByName } from '../source/chains.ts';
import { type EndpointOptions, HypersyncEndpoint } from '../source/hypersync-endpoint.ts';
import type { Shutdown } from './shutdown.ts';

const ARCHIVES = fileURLToPath(new URL('../../archives', import.meta.url));

export interface AuditSourceFlags {
  readonly archive?: string;
  readonly chain?: string;
  readonly hypersyncUrl?: string;
}

/** What the flags name, checked before anything is looked at. */
export interface NamedSource {
  /** Chain of the store that it can be compared with. */
  readonly chain: string;
  readonly name: string;
  open(chainId: number): Promise<HypersyncEndpoint>;
}

/**
 * The source that the flags name, or null. Nothing is asked of it yet.
 * @throws UsageError when there is no such archive or chain, or the chain's token is missing.
 */
export async function namedSource(
  flags: AuditSourceFlags,
  settings: Settings,
  shutdown: Shutdown,
): Promise<NamedSource | null> {
  if (flags.archive !== undefined) {
    const manifest = await readArchiveManifest(flags.archive);
    const { archive, hypersyncUrl } = flags;
    return {
      chain: manifest.chain,
      name: `the archive ${manifest.name}`,
      open: (chainId) =>
        hypersyncUrl === undefined
          ? openArchive(archive, chainId, shutdown)
          : openEndpoint(hypersyncUrl, chainId, settings),
    };
  }
  if (flags.chain !== undefined) return namedChain(flags.chain, flags, settings);
  if (flags.hypersyncUrl === undefined) return null;
  throw new UsageError('--hypersync-url goes with --chain or --archive.', {
    remedy: 'Name the chain that the endpoint serves: --chain arbitrum --hypersync-url …',
  });
}

function namedChain(name: string, flags: AuditSourceFlags, settings: Settings): NamedSource {
  const chain = chainByName(name);
  const url = flags.hypersyncUrl ?? settings.hypersyncUrl ?? chain.hypersyncUrl;
  if (settings.envioApiToken === undefined && url === chain.hypersyncUrl) {
    throw new UsageError('Reading a public chain needs an API token.', {
      facts: { chain: name },
      remedy: 'Set ENVIO_API_TOKEN (see .env.example), or verify without --chain.',
    });
  }
  return {
    chain: chain.name,
    name: `the HyperSync endpoint of ${chain.name}`,
    open: (chainId) => openEndpoint(url, chainId, settings),
  };
}

/** What to compare a stored chain with: the named source, else a bundled archive that it came from. */
export async function sourceToAsk(
  plan: ChainPlan,
  named: NamedSource | null,
  shutdown: Shutdown,
): Promise<SourceToAsk> {
  const { chain, chainId, manifest } = plan.source;
  if (named) {
    if (named.chain !== chain) return { notAsked: `not asked: ${named.name} is of another chain` };
    return {
      name: named.name,
      selections: plan.selections,
      open: () => named.open(chainId),
    };
  }
  if (manifest === '') {
    return { notAsked: `not asked: name it with --chain ${chain}` };
  }
  const bundled = await bundledArchive(plan);
  if (!bundled) return { notAsked: 'not asked: name the archive with --archive DIR' };
  // Its process starts while the store is looked at; a failure is thrown when it is asked.
  const opening = openArchive(bundled, chainId, shutdown);
  opening.catch(() => {});
  return {
    name: `the archive ${plan.source.name}`,
    selections: plan.selections,
    open: () => opening,
  };
}

/** Folder under archives/ with the name, chain and blocks that the store's manifest has. */
async function bundledArchive({ source }: ChainPlan): Promise<string | null> {
  const names = await readdir(ARCHIVES).catch(() => []);
  for (const name of names) {
    const directory = join(ARCHIVES, name);
    const manifest = await readArchiveManifest(directory).catch(() => null);
    if (manifest && isOf(manifest, source)) return directory;
  }
  return null;
}

function isOf(manifest: ArchiveManifest, source: ChainPlan['source']): boolean {
  return (
    manifest.name === source.name &&
    manifest.chain === source.chain &&
    manifest.chainId === source.chainId
  );
}

async function openArchive(
  directory: string,
  chainId: number,
  shutdown: Shutdown,
): Promise<HypersyncEndpoint> {
  const replay = await startReplayProcess(directory);
  shutdown.add(() => replay.close());
  return new HypersyncEndpoint({
    url: replay.url,
    token: 'local-replay',
    expectedChainId: chainId,
  });
}

async function openEndpoint(
  url: string,
  chainId: number,
  settings: Settings,
): Promise<HypersyncEndpoint> {
  const options: EndpointOptions = {
    url,
    token: settings.envioApiToken ?? 'local-replay',
    expectedChainId: chainId,
    backoff: { ...DEFAULT_BACKOFF, budgetMillis: settings.hypersyncRetrySeconds * 1000 },
    onRetry: (text) => process.stderr.write(`${text}\n`),
  };
  return new HypersyncEndpoint(options);
}
