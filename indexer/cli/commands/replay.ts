import type { Command } from 'commander';
import { UsageError } from '../../../schema/errors.ts';
import { readArchiveManifest } from '../../replay/archive-manifest-file.ts';
import { ReplayServer } from '../../replay/replay-server.ts';
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
  readonly json?: true;
}

const MAX_PAGE = 1_000_000_000;

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
    .option('--json', 'print one JSON line instead of text')
    .action(replay);
}

async function replay(flags: ReplayFlags): Promise<void> {
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
  });
  if (flags.height !== undefined) server.setHeight(flags.height);
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
