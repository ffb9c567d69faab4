import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplayServer } from '../../indexer/replay/replay-server.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { runCli, temporaryFolder } from './run-cli.ts';
import { storedDigests } from './stored-digests.ts';

const NAME = 'gmx-v2-arbitrum-recorded';
const RECORDED = `archives/${NAME}`;

describe('a chain by name over a HyperSync endpoint', () => {
  const asChain = temporaryFolder('as-chain');
  let server: ReplayServer;
  let url = '';

  beforeAll(async () => {
    server = await ReplayServer.fromArchive(RECORDED, {
      token: 'right',
      maxBlocksPerRequest: 20_000_000,
    });
    url = await server.listen();
  });
  afterAll(async () => {
    await server.close();
    asChain.remove();
  });

  it('stores the logs and facts that the same archive gives, block headers apart', async () => {
    const asArchive = await indexedArchives(NAME);
    const chain = await runCli(
      [
        'index',
        '--chain',
        'arbitrum',
        '--hypersync-url',
        `${url}/`,
        '--venues',
        'gmx-v2',
        '--from',
        '395000000',
        '--data',
        asChain.path,
      ],
      { ENVIO_API_TOKEN: 'right' },
    );
    expect(chain.code, chain.stderr).toBe(0);
    const expected = await storedDigests(asArchive.path);
    const found = await storedDigests(asChain.path);
    asArchive.remove();
    expect(found['raw_logs']?.rows).toBe(248);
    // The committed list of markets stands at the first block, which differs: same rows, other places.
    expect(found['market_events']?.rows).toBe(expected['market_events']?.rows);
    for (const table of ['raw_logs', 'oracle_updates', 'order_events', 'dead_letters']) {
      expect(found[table], table).toEqual(expected[table]);
    }
  });

  it('refuses to go on with other venues than it was begun with, and names them', async () => {
    const other = await runCli(
      ['index', '--chain', 'arbitrum', '--hypersync-url', url, '--data', asChain.path],
      { ENVIO_API_TOKEN: 'right' },
    );
    expect(other.code).not.toBe(0);
    expect(other.stderr).toContain('This store was begun with other venues.');
    expect(other.stderr).toContain('--venues gmx-v2');
  });

  it('refuses a venue that nobody knows', async () => {
    const { code, stderr } = await runCli(['index', '--chain', 'arbitrum', '--venues', 'gmx-v9'], {
      ENVIO_API_TOKEN: 'right',
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('There is no venue or oracle of that name.');
  });

  it('continues where it stopped', async () => {
    const again = await runCli(
      [
        'index',
        '--chain',
        'arbitrum',
        '--hypersync-url',
        url,
        '--venues',
        'gmx-v2',
        '--from',
        '395000000',
        '--data',
        asChain.path,
        '--json',
      ],
      { ENVIO_API_TOKEN: 'right' },
    );
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ chainId: 42161, logs: 0, events: 0 });
  });
});
