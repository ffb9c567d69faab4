import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../schema/errors.ts';
import { blockFlag, integerFlag, namesFlag } from './flags.ts';

/** An endpoint by itself, or for one of several chains. */
export interface EndpointFlag {
  readonly chain: string | null;
  readonly url: string;
}

export interface SourceFlags {
  readonly archive?: string;
  readonly chain?: readonly string[];
  readonly hypersyncUrl?: readonly EndpointFlag[];
  readonly from?: number;
  readonly to?: number;
  readonly venues?: readonly string[];
  readonly follow?: boolean;
  readonly finalityDepth?: number;
  readonly confirmations?: number;
}

const MAX_DEPTH = 1_000_000;

export function addSourceFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--archive <dir>', 'a recorded archive (see archives/)').conflicts('chain'),
    )
    .option(
      '--chain <names>',
      'public chains by HyperSync, side by side, e.g. arbitrum or arbitrum,base',
      namesFlag,
    )
    .option(
      '--hypersync-url <[name=]url>',
      'another HyperSync endpoint for the chain, or for the archive; with several chains NAME=URL, repeated',
      endpointFlag,
    )
    .option('--venues <names>', 'only these venues and oracles, as gmx-v2,chainlink', namesFlag)
    .option('--from <block>', 'first block', blockFlag)
    .option('--to <block>', 'last block, inclusive', blockFlag)
    .option('--follow', 'keep indexing as the head moves, through reorgs and outages')
    .option(
      '--finality-depth <blocks>',
      "blocks below the head that a reorg may replace (default: the chain's)",
      integerFlag(0, MAX_DEPTH),
    )
    .option(
      '--confirmations <blocks>',
      'stay this many blocks behind the head (default: 0 with --follow, else the finality depth)',
      integerFlag(0, MAX_DEPTH),
    );
}

function endpointFlag(text: string, before: readonly EndpointFlag[] = []): EndpointFlag[] {
  const named = /^([a-z0-9-]{1,40})=(.*)$/.exec(text.trim());
  const [, chain = null, url = text] = named ?? [];
  if (url.trim() === '') throw new InvalidArgumentError('Give a URL, or NAME=URL.');
  return [...before, { chain, url }];
}

/** @throws UsageError for flags that do not go together. */
export function checkSourceFlags(flags: SourceFlags): void {
  if (flags.from !== undefined && flags.to !== undefined && flags.from > flags.to) {
    throw new UsageError('--from lies beyond --to.', { facts: { from: flags.from, to: flags.to } });
  }
  const chains = flags.chain ?? [];
  const endpoints = flags.hypersyncUrl ?? [];
  if (chains.length > 1 && (flags.from !== undefined || flags.to !== undefined)) {
    throw new UsageError('--from and --to go with one chain: block numbers differ between chains.');
  }
  const stray = endpoints.find(({ chain }) => chain !== null && !chains.includes(chain));
  if (stray) {
    throw new UsageError('--hypersync-url names a chain that is not asked for.', {
      facts: { named: stray.chain ?? '', chains: chains.join(', ') || 'none' },
      remedy: 'Name it in --chain as well, or leave its endpoint out.',
    });
  }
  const plain = endpoints.filter(({ chain }) => chain === null);
  if (plain.length > 0 && endpoints.length > 1) {
    throw new UsageError('Several endpoints need the names of their chains.', {
      remedy: 'Give them as --hypersync-url arbitrum=https://… --hypersync-url base=https://…',
    });
  }
  if (plain.length > 0 && chains.length > 1) {
    throw new UsageError('One endpoint cannot serve several chains.', {
      remedy: 'Say which chain it serves: --hypersync-url arbitrum=https://…',
    });
  }
  if (plain.length > 0 && chains.length === 0 && flags.archive === undefined) {
    throw new UsageError('--hypersync-url goes with --chain or --archive.', {
      remedy: 'Name the chain that the endpoint serves: --chain arbitrum --hypersync-url …',
    });
  }
}

/** The endpoint that the flags give for a chain (null: for the archive). */
export function endpointFor(flags: SourceFlags, chain: string | null): string | undefined {
  return flags.hypersyncUrl?.find((one) => one.chain === null || one.chain === chain)?.url;
}
