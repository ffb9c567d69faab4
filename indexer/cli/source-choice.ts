import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { UsageError } from '../../schema/errors.ts';
import type { Settings } from '../../schema/settings.ts';
import { type ChainPlan, planArchive, planChain } from '../pipeline/chain-plan.ts';
import { startReplayProcess } from '../replay/replay-process.ts';
import { DEFAULT_BACKOFF } from '../source/backoff.ts';
import { chainByName } from '../source/chains.ts';
import { HypersyncSource } from '../source/hypersync-source.ts';
import type { LogSource } from '../source/log-source.ts';
import { blockFlag, namesFlag } from './flags.ts';
import type { Shutdown } from './shutdown.ts';

/** The archive that `bulkhead start` shows when nothing else is asked for. */
export const BUNDLED_ARCHIVE = fileURLToPath(
  new URL('../../archives/gmx-v2-crash-2023-08-17', import.meta.url),
);

export interface SourceFlags {
  readonly archive?: string;
  readonly chain?: string;
  readonly hypersyncUrl?: string;
  readonly from?: number;
  readonly to?: number;
  readonly venues?: readonly string[];
}

/** A source that is ready to be read, and what to read from it. */
export interface ChosenSource {
  readonly plan: ChainPlan;
  readonly source: LogSource;
  readonly fromBlock: number;
  /** Inclusive; Infinity = the head. */
  readonly toBlock: number;
  /** Blocks to stay behind the head, where the chain may still change its mind. */
  readonly finalityDepth: number;
  /** Ends what serves the source, once nothing more is read from it. */
  release(): Promise<void>;
}

export function addSourceFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--archive <dir>', 'a recorded archive (see archives/)').conflicts('chain'),
    )
    .option('--chain <name>', 'a public chain by HyperSync, e.g. arbitrum')
    .option('--hypersync-url <url>', 'another HyperSync endpoint for that chain')
    .option('--venues <names>', 'only these venues and oracles, as gmx-v2,chainlink', namesFlag)
    .option('--from <block>', 'first block', blockFlag)
    .option('--to <block>', 'last block, inclusive', blockFlag);
}

/** Opens the archive or the chain that the flags name; the bundled archive when they name none. */
export async function chooseSource(
  flags: SourceFlags,
  settings: Settings,
  shutdown: Shutdown,
  onRetry: (text: string) => void,
): Promise<ChosenSource> {
  if (flags.from !== undefined && flags.to !== undefined && flags.from > flags.to) {
    throw new UsageError('--from lies beyond --to.', { facts: { from: flags.from, to: flags.to } });
  }
  return flags.chain !== undefined
    ? chooseChain(flags.chain, flags, settings, onRetry)
    : chooseArchive(flags.archive ?? BUNDLED_ARCHIVE, flags, settings, shutdown, onRetry);
}

/** Where ranges wait until they are stored: empty at start, whatever a crash left there. */
function workDirectory(settings: Settings): string {
  const directory = join(settings.dataDirectory, 'landing');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return resolve(directory);
}

async function chooseArchive(
  directory: string,
  flags: SourceFlags,
  settings: Settings,
  shutdown: Shutdown,
  onRetry: (text: string) => void,
): Promise<ChosenSource> {
  if (flags.hypersyncUrl !== undefined) {
    throw new UsageError('--hypersync-url goes with --chain.', {
      remedy: 'Name the chain that the endpoint serves: --chain arbitrum --hypersync-url …',
    });
  }
  const replay = await startReplayProcess(directory);
  shutdown.add(() => replay.close());
  const plan = planArchive(replay.manifest, flags.venues ?? null);
  return {
    plan,
    source: new HypersyncSource({
      url: replay.url,
      token: 'local-replay',
      expectedChainId: plan.source.chainId,
      includeAllBlocks: true,
      workDirectory: workDirectory(settings),
      onRetry,
    }),
    fromBlock: flags.from ?? replay.manifest.fromBlock,
    toBlock: Math.min(flags.to ?? replay.manifest.toBlock, replay.manifest.toBlock),
    finalityDepth: 0,
    release: () => replay.close(),
  };
}

function chooseChain(
  name: string,
  flags: SourceFlags,
  settings: Settings,
  onRetry: (text: string) => void,
): ChosenSource {
  const chain = chainByName(name);
  const url = flags.hypersyncUrl ?? settings.hypersyncUrl ?? chain.hypersyncUrl;
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
  return {
    plan,
    source: new HypersyncSource({
      url,
      token: settings.envioApiToken ?? '',
      expectedChainId: chain.chainId,
      includeAllBlocks: false,
      workDirectory: workDirectory(settings),
      backoff: {
        ...DEFAULT_BACKOFF,
        budgetMillis: settings.hypersyncRetrySeconds * 1000,
        // A rate limit is an order to wait, not a failure: it may last longer.
        rateLimitBudgetMillis: settings.hypersyncRetrySeconds * 5_000,
      },
      onRetry,
    }),
    fromBlock: flags.from ?? plan.firstBlock,
    toBlock: flags.to ?? Number.POSITIVE_INFINITY,
    finalityDepth: chain.finalityDepth,
    release: async () => {},
  };
}
