import { describe, expect, it } from 'vitest';
import { namedSource, sourceToAsk } from '../../../indexer/cli/audit-source.ts';
import { Shutdown } from '../../../indexer/cli/shutdown.ts';
import { planArchive } from '../../../indexer/pipeline/chain-plan.ts';
import { readArchiveManifest } from '../../../indexer/replay/archive-manifest-file.ts';
import { readSettings } from '../../../schema/settings.ts';

const settings = readSettings({});
const named = (flags: Parameters<typeof namedSource>[0]) =>
  namedSource(flags, settings, new Shutdown());
const planOf = async (archive: string) => planArchive(await readArchiveManifest(archive));

describe('the source that verify compares with', () => {
  it('is none without flags', async () => {
    expect(await named({})).toBeNull();
  });

  it('refuses an archive that is not there, an unknown chain, a chain without token, a lone endpoint', async () => {
    await expect(named({ archive: 'archives/none' })).rejects.toThrow('There is no such archive.');
    await expect(named({ chain: 'atlantis' })).rejects.toThrow('No chain is called "atlantis".');
    await expect(named({ chain: 'arbitrum' })).rejects.toThrow('needs an API token');
    await expect(named({ hypersyncUrl: 'http://localhost:1' })).rejects.toThrow(
      '--hypersync-url goes with --chain or --archive.',
    );
  });

  it('is not asked about another chain', async () => {
    const source = await named({ chain: 'arbitrum', hypersyncUrl: 'http://localhost:1' });
    const plan = await planOf('archives/gmx-v2-crash-2023-08-17');
    expect(await sourceToAsk(plan, source, new Shutdown())).toEqual({
      notAsked: 'not asked: the HyperSync endpoint of arbitrum is of another chain',
    });
  });

  it('has to be named where the archive does not ship with Bulkhead', async () => {
    const plan = await planOf('test/fixtures/gmx-v2/truth-archive');
    expect(await sourceToAsk(plan, null, new Shutdown())).toEqual({
      notAsked: 'not asked: name the archive with --archive DIR',
    });
  });
});
