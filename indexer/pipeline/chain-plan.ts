import { rulesFor } from '../../margin/rules/registry.ts';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { UsageError } from '../../schema/errors.ts';
import { PROJECTION_VERSION } from '../projections/projector.ts';
import type {
  ChainContext,
  ChainReader,
  LogSelection,
  ProtocolAdapter,
} from '../protocols/protocol-adapter.ts';
import { adapters } from '../protocols/registry.ts';
import type { EventStore, SourceRecord } from '../store/event-store.ts';

/** What to read from one chain, decided before the first request. */
export interface ChainPlan {
  readonly source: SourceRecord;
  /** Fresh readers: they remember positions, so each run and each rollback begins with new ones. */
  readonly openReaders: () => readonly ChainReader[];
  readonly selections: readonly LogSelection[];
  readonly firstBlock: number;
  /**
   * What decides the rows, as commits quote it: adapters, rules of their venues, projections.
   * @example 'gmx-v2/2 pyth/1 rules:gmx-v2/1 projections/1'
   */
  readonly method: string;
}

/**
 * `only`: names of the venues and oracles to read; all that are on the chain without it.
 * @throws UsageError when none is on the chain, or a name is not known.
 */
export function planChain(
  context: ChainContext,
  description: { readonly name: string; readonly text: string; readonly provenance: string },
  only: readonly string[] | null = null,
): ChainPlan {
  const wanted = only === null ? adapters : namedAdapters(only);
  const active = wanted.flatMap((adapter) => {
    const reader = adapter.readerFor(context);
    return reader ? [{ adapter, reader }] : [];
  });
  if (active.length === 0) {
    throw new UsageError('No venue that Bulkhead knows is on this chain.', {
      facts: { chain: context.chain, chainId: context.chainId },
      remedy: 'Run `npm run bulkhead -- doctor` for the venues and chains that are known.',
    });
  }
  const readers = active.map(({ reader }) => reader);
  // An oracle has been on a chain for longer than the venues that read it: it does not lead.
  const venues = active.filter(({ adapter }) => adapter.kind === 'VENUE');
  const leading = venues.length > 0 ? venues : active;
  const firstBlock = Math.min(...leading.map(({ reader }) => reader.firstBlock));
  return {
    openReaders: () => active.flatMap(({ adapter }) => adapter.readerFor(context) ?? []),
    selections: readers.flatMap((reader) => reader.selections),
    firstBlock,
    method: methodOf(active.map(({ adapter }) => adapter)),
    source: {
      chainId: context.chainId,
      chain: context.chain,
      isSynthetic: context.manifest?.synthetic ?? false,
      name: description.name,
      description: description.text,
      provenance: description.provenance,
      firstBlock,
      manifest: context.manifest ? JSON.stringify(context.manifest) : '',
    },
  };
}

/** The plan of a recorded archive. */
export function planArchive(
  manifest: ArchiveManifest,
  only: readonly string[] | null = null,
): ChainPlan {
  return planChain(
    { chainId: manifest.chainId, chain: manifest.chain, manifest },
    { name: manifest.name, text: manifest.description, provenance: manifest.provenance },
    only,
  );
}

function namedAdapters(names: readonly string[]) {
  return names.map((name) => {
    const adapter = adapters.find(({ venue }) => venue === name);
    if (adapter) return adapter;
    throw new UsageError('There is no venue or oracle of that name.', {
      facts: { name: name.slice(0, 80), known: adapters.map(({ venue }) => venue).join(', ') },
      remedy: 'Give known names, with commas between them.',
    });
  });
}

const PROJECTIONS = 'projections';

function methodOf(active: readonly ProtocolAdapter[]): string {
  const rules = active
    .filter(({ kind }) => kind === 'VENUE')
    .map(({ venue }) => `rules:${rulesFor(venue).method}`);
  return [
    ...active.map(({ venue, version }) => `${venue}/${version}`),
    ...rules,
    `${PROJECTIONS}/${PROJECTION_VERSION}`,
  ].join(' ');
}

/**
 * Venues and oracles that a commit's method names.
 * @example venuesOf('gmx-v2/2 pyth/1 rules:gmx-v2/1 projections/1') // ['gmx-v2', 'pyth']
 */
export function venuesOf(method: string): readonly string[] {
  return method
    .split(' ')
    .map((one) => one.slice(0, one.lastIndexOf('/')))
    .filter((name) => name !== PROJECTIONS && !name.startsWith('rules:'));
}

/**
 * A stored chain is read on with the venues that it was begun with: the logs of any other were never
 * asked for, and their facts would begin in the middle.
 * @throws UsageError when the plan is for others.
 */
export async function refuseOtherVenues(plan: ChainPlan, store: EventStore): Promise<void> {
  const last = await store.lastCommit(plan.source.chainId, 'land');
  if (!last) return;
  const stored = [...venuesOf(last.method)].sort().join(',');
  const asked = [...venuesOf(plan.method)].sort().join(',');
  if (stored === asked) return;
  throw new UsageError('This store was begun with other venues.', {
    facts: { stored, asked },
    remedy: `Go on with the same ones (--venues ${stored}), or index into another --data folder.`,
  });
}
