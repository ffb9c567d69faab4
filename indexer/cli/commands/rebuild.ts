import type { Command } from 'commander';
import { archiveManifestSchema } from '../../../schema/archive-manifest.ts';
import { OperatorError } from '../../../schema/errors.ts';
import { ProgressLine } from '../../observability/progress.ts';
import { planArchive, planChain, venuesOf } from '../../pipeline/chain-plan.ts';
import { ChainProjection } from '../../pipeline/project.ts';
import { withSession } from '../command-session.ts';

interface StoredSource {
  readonly chain_id: string;
  readonly chain: string;
  readonly name: string;
  readonly description: string;
  readonly provenance: string;
  readonly manifest: string;
}

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('Drop every derived table and project the stored raw logs again, without network')
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--json', 'print the summary as one JSON line')
    .action((flags: { readonly data?: string; readonly json?: boolean }) =>
      withSession(flags, async ({ shutdown, store }) => {
        const sources = await store.select<StoredSource>('SELECT * FROM sources', {});
        if (sources.length === 0) {
          throw new OperatorError('The store is empty: there is nothing to rebuild.', {
            remedy: 'Index something first: `npm run bulkhead -- index --archive <dir>`.',
          });
        }
        for (const source of sources) {
          const chainId = Number(source.chain_id);
          const landed = await store.lastCommit(chainId, 'land');
          const plan = planOf(source, landed ? venuesOf(landed.method) : null);
          await store.resetProjections(chainId);
          const progress = new ProgressLine({ fromBlock: 0, toBlock: landed?.toBlock ?? 0 });
          let events = 0;
          const projection = await ChainProjection.open({
            store,
            chainId,
            openReaders: plan.openReaders,
            method: plan.method,
            signal: shutdown.signal,
            onProjected: (done) => {
              events += done.events;
              progress.projected(done.toBlock, done.events);
            },
          });
          await projection.catchUp();
          progress.finish();
          const summary = { chain: source.chain, toBlock: landed?.toBlock ?? null, events };
          process.stdout.write(
            flags.json
              ? `${JSON.stringify(summary)}\n`
              : `Rebuilt ${summary.chain} to block ${summary.toBlock}: ${events} events.\n`,
          );
        }
      }),
    );
}

function planOf(source: StoredSource, venues: readonly string[] | null) {
  if (source.manifest !== '') {
    return planArchive(archiveManifestSchema.parse(JSON.parse(source.manifest)), venues);
  }
  return planChain(
    { chainId: Number(source.chain_id), chain: source.chain, manifest: null },
    { name: source.name, text: source.description, provenance: source.provenance },
    venues,
  );
}
