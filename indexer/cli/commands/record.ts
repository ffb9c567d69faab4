import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { OperatorError, UsageError } from '../../../schema/errors.ts';
import type { RecordingProgress } from '../../replay/piece-collector.ts';
import { chainByName } from '../../source/chains.ts';
import type { HypersyncEndpoint } from '../../source/hypersync-endpoint.ts';
import { blockFlag } from '../flags.ts';
import { Shutdown } from '../shutdown.ts';

interface RecordFlags {
  readonly out: string;
  readonly chain?: string;
  readonly chainName?: string;
  readonly hypersyncUrl?: string;
  readonly from: number;
  readonly to: number;
  readonly address?: readonly string[];
  readonly topic0?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly synthetic?: true;
  readonly json?: true;
}

const hexListFlag = (bytes: number) => (text: string, previous?: readonly string[]) => {
  if (!new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`).test(text)) {
    throw new InvalidArgumentError(`Give 0x and ${bytes * 2} hex digits.`);
  }
  return [...(previous ?? []), text.toLowerCase()];
};

/** `bulkhead record`: makes an archive folder from a block range of a HyperSync endpoint. */
export function registerRecord(program: Command): void {
  program
    .command('record')
    .description('Record a block range of a HyperSync endpoint as an archive')
    .requiredOption('--out <dir>', 'folder to make; must not exist')
    .option('--chain <name>', 'a public chain by HyperSync, e.g. arbitrum (needs ENVIO_API_TOKEN)')
    .option('--hypersync-url <url>', 'any other HyperSync endpoint')
    .option('--chain-name <text>', 'what to call the chain behind --hypersync-url')
    .requiredOption('--from <block>', 'first block', blockFlag)
    .requiredOption('--to <block>', 'last block, inclusive; clamped to the head', blockFlag)
    .option('--address <address...>', 'only logs of these contracts', hexListFlag(20))
    .option('--topic0 <hash...>', 'only logs of these events', hexListFlag(32))
    .option('--name <name>', 'name of the archive; the folder name by default')
    .option('--description <text>', 'what the archive is')
    .option('--synthetic', 'mark the archive as not being of a public chain')
    .option('--json', 'print one JSON line instead of text')
    .action(record);
}

async function record(flags: RecordFlags): Promise<void> {
  if (flags.from > flags.to) {
    throw new UsageError('--from lies beyond --to.', { facts: { from: flags.from, to: flags.to } });
  }
  const { recordArchive } = await import('../../replay/recorder.ts');
  const shutdown = new Shutdown();
  shutdown.listen();
  const { endpoint, chain } = await chooseEndpoint(flags);
  const addresses = flags.address ?? [];
  const topics0 = flags.topic0 ?? [];
  try {
    const { manifest, rows } = await recordArchive({
      endpoint,
      directory: flags.out,
      name: flags.name ?? basename(resolve(flags.out)),
      description:
        flags.description ?? `Blocks ${flags.from} to ${flags.to} of ${chain ?? 'a chain'}.`,
      chain: chain ?? `chain-${await endpoint.chainId(shutdown.signal)}`,
      synthetic: flags.synthetic ?? false,
      fromBlock: flags.from,
      toBlock: flags.to,
      addresses,
      topics0,
      signal: shutdown.signal,
      onProgress: progressLine(),
    });
    const facts = { out: resolve(flags.out), ...manifest, rows };
    const text =
      `Recorded ${manifest.name}: blocks ${manifest.fromBlock} to ${manifest.toBlock}, ` +
      `${rows.blocks} headers, ${rows.transactions} transactions, ${rows.logs} logs\n` +
      `  in ${facts.out}; serve it with: bulkhead replay --archive ${flags.out}\n`;
    process.stdout.write(flags.json ? `${JSON.stringify(facts)}\n` : text);
  } catch (error) {
    if (!shutdown.signal.aborted) throw error;
    throw new OperatorError('The recording was stopped; nothing of it was kept.', { cause: error });
  } finally {
    await shutdown.close();
  }
}

async function chooseEndpoint(flags: RecordFlags): Promise<{
  readonly endpoint: HypersyncEndpoint;
  /** Null: the endpoint does not say what its chain is called. */
  readonly chain: string | null;
}> {
  const { readSettings } = await import('../../../schema/settings.ts');
  const { HypersyncEndpoint } = await import('../../source/hypersync-endpoint.ts');
  const settings = readSettings(process.env);
  const onRetry = (text: string) => process.stderr.write(`${text}\n`);
  const token = settings.envioApiToken ?? '';
  if (flags.chain === undefined) {
    const url = flags.hypersyncUrl ?? settings.hypersyncUrl;
    if (url === undefined) {
      throw new UsageError('Record what?', {
        remedy: 'Name a chain with --chain, or an endpoint with --hypersync-url.',
      });
    }
    return {
      endpoint: new HypersyncEndpoint({ url, token, expectedChainId: null, onRetry }),
      chain: flags.chainName ?? null,
    };
  }
  const chain = chainByName(flags.chain);
  const url = flags.hypersyncUrl ?? settings.hypersyncUrl ?? chain.hypersyncUrl;
  if (url === chain.hypersyncUrl) requirePublicRecording(flags, settings.envioApiToken);
  return {
    endpoint: new HypersyncEndpoint({ url, token, expectedChainId: chain.chainId, onRetry }),
    chain: chain.name,
  };
}

/** A public chain needs a token, and a filter: recording all of it is never what was meant. */
function requirePublicRecording(flags: RecordFlags, token: string | undefined): void {
  if (token === undefined) {
    throw new UsageError('Recording a public chain needs an API token.', {
      facts: { chain: flags.chain ?? '' },
      remedy: 'Set ENVIO_API_TOKEN (see .env.example).',
    });
  }
  if (flags.address === undefined && flags.topic0 === undefined) {
    throw new UsageError('Recording a public chain needs a filter.', {
      facts: { chain: flags.chain ?? '' },
      remedy: 'Give --address, --topic0 or both; docs/archives.md has the addresses to start with.',
    });
  }
}

const LOG_LINE_EVERY_MS = 5000;

/** One line on stderr: rewritten on a terminal, else a new one every five seconds. */
function progressLine(): (progress: RecordingProgress) => void {
  const started = performance.now();
  let last = started;
  return ({ block, fromBlock, toBlock, logs }) => {
    const now = performance.now();
    const isLast = block >= toBlock;
    if (!process.stderr.isTTY && now - last < LOG_LINE_EVERY_MS) return;
    last = now;
    const share = (block - fromBlock + 1) / (toBlock - fromBlock + 1);
    const seconds = Math.ceil(((now - started) / 1000) * (1 / share - 1));
    const text = `block ${block} of ${toBlock} (${(share * 100).toFixed(1)} %), ${logs} logs, ${seconds} s left`;
    process.stderr.write(
      process.stderr.isTTY ? `\r\x1b[K${text}${isLast ? '\n' : ''}` : `${text}\n`,
    );
  };
}
