import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { UsageError } from '../../schema/errors.ts';
import type { ChainContext, ChainReader, LogSelection } from '../protocols/protocol-adapter.ts';
import { adapters } from '../protocols/registry.ts';
import type { SourceRecord } from '../store/event-store.ts';

/** What to read from one chain, decided before the first request. */
export interface ChainPlan {
  readonly source: SourceRecord;
  readonly readers: readonly ChainReader[];
  readonly selections: readonly LogSelection[];
  readonly firstBlock: number;
  /** Adapters and versions, as commits quote them. @example 'gmx-v2/1' */
  readonly method: string;
}

/** @throws UsageError when no venue we know is on the chain. */
export function planChain(
  context: ChainContext,
  description: { readonly name: string; readonly text: string; readonly provenance: string },
): ChainPlan {
  const active = adapters.flatMap((adapter) => {
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
  const firstBlock = Math.min(...readers.map((reader) => reader.firstBlock));
  return {
    readers,
    selections: readers.flatMap((reader) => reader.selections),
    firstBlock,
    method: active.map(({ adapter }) => `${adapter.venue}/${adapter.version}`).join(' '),
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
export function planArchive(manifest: ArchiveManifest): ChainPlan {
  return planChain(
    { chainId: manifest.chainId, chain: manifest.chain, manifest },
    { name: manifest.name, text: manifest.description, provenance: manifest.provenance },
  );
}
