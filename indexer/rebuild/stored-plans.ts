import { archiveManifestSchema } from '../../schema/archive-manifest.ts';
import { OperatorError, UsageError } from '../../schema/errors.ts';
import { type ChainPlan, planArchive, planChain, venuesOf } from '../pipeline/chain-plan.ts';
import type { EventStore } from '../store/event-store.ts';

interface StoredSource {
  readonly chain_id: string;
  readonly chain: string;
  readonly name: string;
  readonly description: string;
  readonly provenance: string;
  readonly manifest: string;
}

/**
 * A plan for each chain that the store holds, with the venues it was begun with, made from the store
 * alone: no archive, no network. `only`: one chain id.
 * @throws OperatorError when the store is empty; UsageError when it does not hold that chain.
 */
export async function storedPlans(
  store: EventStore,
  only: number | null = null,
): Promise<readonly ChainPlan[]> {
  const sources = await store.select<StoredSource>(
    `SELECT chain_id, chain, name, description, provenance, manifest FROM sources
     ORDER BY chain_id, recorded_at LIMIT 1 BY chain_id`,
    {},
  );
  if (sources.length === 0) {
    throw new OperatorError('The store is empty: there is nothing to rebuild.', {
      remedy: 'Index something first: `npm run bulkhead -- index --archive <dir>`.',
    });
  }
  const wanted = sources.filter((source) => only === null || Number(source.chain_id) === only);
  if (wanted.length === 0) {
    throw new UsageError('The store does not hold that chain.', {
      facts: { asked: String(only), held: sources.map(({ chain_id }) => chain_id).join(', ') },
      remedy: 'Give one of the chain ids that it holds, or none for all of them.',
    });
  }
  return Promise.all(wanted.map((source) => planOf(store, source)));
}

async function planOf(store: EventStore, source: StoredSource): Promise<ChainPlan> {
  const chainId = Number(source.chain_id);
  const landed = await store.lastCommit(chainId, 'land');
  const venues = landed ? venuesOf(landed.method) : null;
  if (source.manifest !== '') {
    return planArchive(archiveManifestSchema.parse(JSON.parse(source.manifest)), venues);
  }
  return planChain(
    { chainId, chain: source.chain, manifest: null },
    { name: source.name, text: source.description, provenance: source.provenance },
    venues,
  );
}
