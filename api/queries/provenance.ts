import { createHash } from 'node:crypto';
import type { Basis, Coverage, DateTime, MarketScope, Provenance } from './answers.ts';
import { finalityOf } from './indexer-report.ts';
import { type MethodName, type Methodology, methodologyOf } from './methodologies.ts';
import type { BlockRef, Source } from './source-directory.ts';

export interface ProvenanceInput {
  readonly source: Source;
  /** Name of the query, as in the API. */
  readonly query: string;
  /** Everything that changes the answer, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly asOf: BlockRef;
  readonly fromBlock?: number;
  readonly basis: Basis;
  /** Registered in methodologies.ts. */
  readonly method: MethodName;
  /** The registered version, then `+` what else decided the numbers. */
  readonly version: string;
  readonly coverage?: Coverage | null;
  /** Market whose coverage backs the answer, read when asked for; null: all of the chain. */
  readonly coverageOf?: MarketScope | null;
  readonly caveats?: readonly string[];
}

/** Where an answer comes from, with its digest. */
export function makeProvenance(input: ProvenanceInput): Provenance {
  const { source, asOf } = input;
  const methodology = methodologyOf(input.method, input.version);
  return {
    chainId: source.chainId,
    chain: source.chain,
    fromBlock: input.fromBlock ?? source.firstBlock,
    asOfBlock: asOf.block,
    asOfTime: isoTime(asOf.timestamp),
    finality: finalityOf(source, asOf.block),
    basis: input.basis,
    method: input.method,
    version: input.version,
    methodology,
    coverage: input.coverage ?? null,
    coverageOf: input.coverageOf,
    isSynthetic: source.isSynthetic,
    note: source.isSynthetic ? 'synthetic traders' : null,
    caveats: [...(input.caveats ?? [])],
    digest: digestOf(input, methodology),
  };
}

/**
 * sha-256 over what decides an answer: the same digest means the same bytes. How final the block is
 * does not belong to it: the same answer becomes final.
 */
function digestOf(input: ProvenanceInput, methodology: Methodology): string {
  const identity = {
    query: input.query,
    parameters: input.parameters,
    chain: input.source.chain,
    chainId: input.source.chainId,
    storedFrom: input.source.landedFrom,
    block: input.asOf.block,
    blockHash: input.asOf.hash,
    methodology,
    rows: input.source.rowsMethod,
  };
  return createHash('sha256').update(canonicalText(identity)).digest('hex');
}

/** JSON with sorted keys; undefined and null are the same absence. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return inner.toString();
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner)) {
      const entries = Object.entries(inner).filter(([, item]) => item !== null);
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return inner;
  });
}

/** @example isoTime(1_692_308_640) // '2023-08-17T21:44:00.000Z' */
export function isoTime(unixSeconds: number): DateTime {
  return new Date(unixSeconds * 1000).toISOString();
}
