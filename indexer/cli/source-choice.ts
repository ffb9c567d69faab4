import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../schema/errors.ts';
import type { Settings } from '../../schema/settings.ts';
import { type ChainPlan, planArchive, planChain } from '../pipeline/chain-plan.ts';
import { readArchiveManifest } from '../replay/archive-manifest-file.ts';
import { startReplayProcess } from '../replay/replay-process.ts';
import { DEFAULT_BACKOFF } from '../source/backoff.ts';
import { type Chain, chainById, chainByName } from '../source/chains.ts';
import { HeadReader } from '../source/head-reader.ts';
import { type EndpointOptions, HypersyncEndpoint } from '../source/hypersync-endpoint.ts';
import { HypersyncSource } from '../source/hypersync-source.ts';
import type { LogSource } from '../source/log-source.ts';
import type { Shutdown } from './shutdown.ts';
import { checkSourceFlags, endpointFor, type SourceFlags } from './source-flags.ts';
import { prepareWorkDirectory } from './work-directory.ts';

/** The archive that `bulkhead start` shows when nothing else is asked for. */
export const BUNDLED_ARCHIVE = fileURLToPath(
  new URL('../../archives/gmx-v2-crash-2023-08-17', import.meta.url),
);

/** A source that is ready to be read, and what to read from it. */
export interface ChosenSource {
  readonly plan: ChainPlan;
  readonly source: LogSource;
  readonly head: HeadReader;
  readonly fromBlock: number;
  /** Inclusive; Infinity = the head. */
  readonly toBlock: number;
  /** Blocks below the head that the chain may still replace. */
  readonly finalityDepth: number;
  readonly safeDepth: number;
  /** Blocks to stay behind the head. */
  readonly confirmations: number;
  readonly pollMillis: number;
  /** From how many final blocks on they are read in bulk. */
  readonly bulkBlocks?: number;
  /** Sends what the source says while it waits and tries again. */
  onRetry(listener: (text: string) => void): void;
  /** Ends what serves the source, once nothing more is read from it. */
  release(): Promise<void>;
}

/** Of a chain that is in no list: a test chain, or an archive with an endpoint of its own. */
const UNLISTED: Pick<Chain, 'finalityDepth' | 'safeDepth' | 'blockTimeSeconds'> = {
  finalityDepth: 64,
  safeDepth: 16,
  blockTimeSeconds: 1,
};
/** The head of a plain archive does not move. */
const STILL: typeof UNLISTED = { finalityDepth: 0, safeDepth: 0, blockTimeSeconds: 1 };

const POLL_SECONDS = { min: 0.25, max: 5 } as const;

/** Opens the archive or the chains that the flags name; the bundled archive when they name none. */
export async function chooseSources(
  flags: SourceFlags,
  settings: Settings,
  shutdown: Shutdown,
): Promise<readonly ChosenSource[]> {
  checkSourceFlags(flags);
  const workDirectory = prepareWorkDirectory(settings);
  if (flags.chain !== undefined) {
    if (flags.chain.length > 1 && settings.hypersyncUrl !== undefined) {
      throw new UsageError('HYPERSYNC_URL is one endpoint, and there are several chains.', {
        facts: { chains: flags.chain.join(', ') },
        remedy: 'Unset it, and give endpoints as --hypersync-url NAME=URL.',
      });
    }
    return flags.chain.map((name) => chooseChain(name, flags, settings, workDirectory));
  }
  const archive = flags.archive ?? BUNDLED_ARCHIVE;
  const url = endpointFor(flags, null);
  return [
    url === undefined
      ? await chooseArchive(archive, flags, shutdown, workDirectory)
      : await chooseServedArchive(archive, url, flags, settings, workDirectory),
  ];
}

/** An archive that a replay of our own serves. */
async function chooseArchive(
  directory: string,
  flags: SourceFlags,
  shutdown: Shutdown,
  workDirectory: string,
): Promise<ChosenSource> {
  const replay = await startReplayProcess(directory);
  shutdown.add(() => replay.close());
  const { fromBlock, toBlock } = replay.manifest;
  return assemble({
    plan: planArchive(replay.manifest, flags.venues ?? null),
    endpoint: { url: replay.url, token: 'local-replay' },
    includeAllBlocks: true,
    workDirectory,
    flags,
    fromBlock,
    lastBlock: toBlock,
    timing: STILL,
    distance: 0,
    // A sparse archive has no unbroken pages of headers: all of it is final, and read in bulk.
    bulkBlocks: 1,
    release: () => replay.close(),
  });
}

/** The manifest of an archive, with its logs from an endpoint that moves, branches or fails. */
async function chooseServedArchive(
  directory: string,
  url: string,
  flags: SourceFlags,
  settings: Settings,
  workDirectory: string,
): Promise<ChosenSource> {
  const manifest = await readArchiveManifest(directory);
  return assemble({
    plan: planArchive(manifest, flags.venues ?? null),
    endpoint: { url, token: settings.envioApiToken ?? 'local-replay', ...patience(settings) },
    includeAllBlocks: true,
    workDirectory,
    flags,
    fromBlock: manifest.fromBlock,
    lastBlock: Number.POSITIVE_INFINITY,
    timing: chainById(manifest.chainId) ?? UNLISTED,
    distance: 0,
    release: async () => {},
  });
}

function chooseChain(
  name: string,
  flags: SourceFlags,
  settings: Settings,
  workDirectory: string,
): ChosenSource {
  const chain = chainByName(name);
  const url = endpointFor(flags, chain.name) ?? settings.hypersyncUrl ?? chain.hypersyncUrl;
  if (settings.envioApiToken === undefined && url === chain.hypersyncUrl) {
    throw new UsageError('Reading a public chain needs an API token.', {
      facts: { chain: name },
      remedy:
        'Set ENVIO_API_TOKEN (see .env.example), or run `npm start` without --chain for the bundled archive.',
    });
  }
  const plan = planChain(
    { chainId: chain.chainId, chain: chain.name, manifest: null },
    {
      name: chain.name,
      text: `${chain.name} mainnet`,
      provenance: `HyperSync, chain ${chain.chainId}`,
    },
    flags.venues ?? null,
  );
  return assemble({
    plan,
    endpoint: { url, token: settings.envioApiToken ?? '', ...patience(settings) },
    includeAllBlocks: false,
    workDirectory: join(workDirectory, chain.name),
    flags,
    fromBlock: plan.firstBlock,
    lastBlock: Number.POSITIVE_INFINITY,
    timing: chain,
    distance: flags.finalityDepth ?? chain.finalityDepth,
    release: async () => {},
  });
}

/** How long the source tries by itself before it counts as unreachable, and how often it asks. */
function patience(settings: Settings): Pick<EndpointOptions, 'backoff' | 'recount'> {
  return {
    recount: settings.hypersyncRecount,
    backoff: {
      ...DEFAULT_BACKOFF,
      budgetMillis: settings.hypersyncRetrySeconds * 1000,
      // A rate limit is an order to wait, not a failure: it may last longer.
      rateLimitBudgetMillis: settings.hypersyncRetrySeconds * 5_000,
    },
  };
}

function assemble(parts: {
  readonly plan: ChainPlan;
  readonly endpoint: Pick<EndpointOptions, 'url' | 'token' | 'backoff' | 'recount'>;
  readonly includeAllBlocks: boolean;
  readonly workDirectory: string;
  readonly flags: SourceFlags;
  readonly fromBlock: number;
  readonly lastBlock: number;
  readonly timing: typeof UNLISTED;
  /** Blocks to stay behind the head without --follow. */
  readonly distance: number;
  readonly bulkBlocks?: number;
  readonly release: () => Promise<void>;
}): ChosenSource {
  const { plan, flags, timing, includeAllBlocks } = parts;
  let listener = (_text: string): void => {};
  const options: EndpointOptions = {
    ...parts.endpoint,
    expectedChainId: plan.source.chainId,
    onRetry: (text) => listener(text),
  };
  const finalityDepth = flags.finalityDepth ?? timing.finalityDepth;
  const { min, max } = POLL_SECONDS;
  return {
    plan,
    source: new HypersyncSource({
      ...options,
      includeAllBlocks,
      workDirectory: parts.workDirectory,
    }),
    head: new HeadReader(new HypersyncEndpoint(options), includeAllBlocks),
    fromBlock: flags.from ?? parts.fromBlock,
    toBlock: Math.min(flags.to ?? parts.lastBlock, parts.lastBlock),
    finalityDepth,
    safeDepth: Math.min(timing.safeDepth, finalityDepth),
    confirmations: flags.confirmations ?? (flags.follow ? 0 : parts.distance),
    pollMillis: 1000 * Math.min(max, Math.max(min, timing.blockTimeSeconds)),
    ...(parts.bulkBlocks === undefined ? {} : { bulkBlocks: parts.bulkBlocks }),
    onRetry: (to) => {
      listener = to;
    },
    release: parts.release,
  };
}
