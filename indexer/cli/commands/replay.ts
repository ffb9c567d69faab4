import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../../schema/errors.ts';
import { blockFlag, integerFlag, portFlag } from '../flags.ts';
import { Shutdown } from '../shutdown.ts';

interface ReplayFlags {
  readonly archive: string;
  readonly port: number;
  readonly host: string;
  readonly height?: number;
  readonly branch: string;
  readonly token?: string;
  readonly pageBlocks: number;
  readonly pageBytes: number;
  readonly memoryBlocks: number;
  readonly pace?: number;
  readonly control?: true;
  readonly json?: true;
}

const MAX_PAGE = 1_000_000_000;
const HELP = `
A chain that lives: --height 3000 --pace 5 begins at block 3000 and grows by five blocks a second.

With --control, one JSON object a call says what is to happen, e.g.
  curl -d '{"fork":{"name":"b","forkBlock":3600,"moveShare":0.1},"branch":"b"}' URL/_control
  curl -d '{"fail":"skip-blocks","times":3}' URL/_control
  curl -d '{"chaos":{"share":0.1,"seed":1}}' URL/_control
Everything it understands: docs/archives.md.`;

/** `bulkhead replay`: serves a recorded archive as a HyperSync endpoint until it is stopped. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('Serve a recorded archive as a local HyperSync endpoint')
    .requiredOption('--archive <dir>', 'the archive to serve (see archives/)')
    .option('--port <port>', 'port to listen on, 0 for any free one', portFlag, 8700)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--height <block>', 'pretend that the chain ends at this block', blockFlag)
    .option('--branch <name>', 'branch to answer from', 'main')
    .option('--token <token>', 'refuse every other bearer token with 401')
    .option('--page-blocks <n>', 'blocks per answer, 0 for no limit', integerFlag(0, MAX_PAGE), 0)
    .option('--page-bytes <n>', 'log bytes per answer, 0 for no limit', integerFlag(0, MAX_PAGE), 0)
    .option(
      '--memory-blocks <n>',
      'blocks below the head that carry a rollback guard',
      integerFlag(0, MAX_PAGE),
      200,
    )
    .option('--pace <blocks>', 'blocks per second by which the height grows', paceFlag)
    .option('--control', 'obey POST /_control: reorgs, faults, pace (local addresses only)')
    .option('--json', 'print one JSON line instead of text')
    .addHelpText('after', HELP)
    .action(replay);
}

const LOCAL_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);

async function replay(flags: ReplayFlags): Promise<void> {
  if (flags.control && !LOCAL_HOSTS.has(flags.host)) {
    throw new UsageError('--control is for local addresses only: anybody could use it.', {
      facts: { host: flags.host },
      remedy: 'Leave --host out, or leave --control out.',
    });
  }
  const { readArchiveManifest } = await import('../../replay/archive-manifest-file.ts');
  const { ReplayServer } = await import('../../replay/replay-server.ts');
  const shutdown = new Shutdown();
  shutdown.listen();
  const manifest = await readArchiveManifest(flags.archive);
  if (flags.height !== undefined && flags.height > manifest.toBlock) {
    throw new UsageError('--height lies beyond the last block of the archive.', {
      facts: { height: flags.height, lastBlock: manifest.toBlock },
    });
  }
  const server = await ReplayServer.fromArchive(flags.archive, {
    branch: flags.branch,
    token: flags.token ?? null,
    maxBlocksPerRequest: flags.pageBlocks,
    maxResponseBytes: flags.pageBytes,
    inMemoryBlocks: flags.memoryBlocks,
    keepRequests: false,
    control: flags.control ?? false,
  });
  if (flags.height !== undefined) server.setHeight(flags.height);
  else if (flags.pace !== undefined) server.setHeight(manifest.fromBlock);
  if (flags.pace !== undefined) server.setPace(flags.pace);
  const url = await server.listen(flags.port, flags.host);
  shutdown.add(() => server.close());
  const facts = {
    url,
    archive: manifest.name,
    chain: manifest.chain,
    chainId: manifest.chainId,
    fromBlock: manifest.fromBlock,
    height: server.archiveHeight,
    blocks: server.branch.blocks.rows,
    transactions: server.branch.transactions.rows,
    logs: server.branch.logs.rows,
  };
  process.stdout.write(flags.json ? `${JSON.stringify(facts)}\n` : describe(facts));
  await shutdown.requested();
  await shutdown.close();
}

function paceFlag(text: string): number {
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= 100_000) return value;
  throw new InvalidArgumentError('Give blocks per second, above 0 to 100000.');
}

function describe(facts: Readonly<Record<string, string | number>>): string {
  const { url, archive, chain, chainId, fromBlock, height, blocks, transactions, logs } = facts;
  return [
    `Serving ${archive} at ${url}`,
    `  chain ${chain} (${chainId}), blocks ${fromBlock} to ${height}: ` +
      `${blocks} headers, ${transactions} transactions, ${logs} logs`,
    `  point any HyperSync client at it, e.g. HYPERSYNC_URL=${url}; Ctrl-C stops it`,
    '',
  ].join('\n');
}
