import { readFileSync } from 'node:fs';
import { CorruptDataError } from '../../../schema/errors.ts';

/** One value of the venue's published configuration. */
export interface SnapshotParameter {
  /** Market address, '' for what holds for the whole venue. */
  readonly market: string;
  readonly name: string;
  readonly value: bigint;
}

export interface ParameterSnapshot {
  /** Nothing is said about blocks before this one. */
  readonly fromBlock: number;
  readonly parameters: readonly SnapshotParameter[];
}

interface SnapshotFile {
  readonly url: URL;
  readonly fromBlock: number;
}

/**
 * Published configurations by chain id; data/SOURCE.md says where each comes from.
 *
 * A configuration holds from a block whose time is known to lie after it was published. That of
 * Arbitrum was committed at 2026-03-13T15:48:46Z; 495239365 (2026-08-16T19:28:15Z) is the first
 * later block that archives/gmx-v2-arbitrum-recorded has. No block of Avalanche is known that well,
 * so it has no snapshot.
 */
const FILES: ReadonlyMap<number, SnapshotFile> = new Map([
  [42161, { url: new URL('./data/parameters-42161.tsv', import.meta.url), fromBlock: 495_239_365 }],
]);

const HEADER = 'market\tname\tvalue';
const LINE = /^(0x[0-9a-f]{40})?\t([a-z][A-Za-z]*)\t(\d+)$/;

/** @throws CorruptDataError naming the line that is no `market <tab> name <tab> value`. */
function readParameters(url: URL): readonly SnapshotParameter[] {
  const [header, ...lines] = readFileSync(url, 'utf8').trimEnd().split('\n');
  if (header !== HEADER) throw damaged(url, 1);
  return lines.map((line, index) => {
    const [, market = '', name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw damaged(url, index + 2);
    return { market, name, value: BigInt(value) };
  });
}

function damaged(url: URL, line: number): CorruptDataError {
  return new CorruptDataError('The published parameters of a chain cannot be read.', {
    facts: { file: url.pathname, line },
    remedy: 'Restore the file from the release: it is not meant to be edited.',
  });
}

const loaded = new Map<number, ParameterSnapshot>();

/**
 * Risk parameters that the venue's deployment configuration states for a public chain, or null.
 * Values are as in the DataStore: USD and factors carry 30 decimals, amounts are base units,
 * switches 0 or 1. They are what was configured, not what was read from the chain.
 * @throws CorruptDataError when the committed file is damaged.
 */
export function parameterSnapshot(publicChainId: number | null): ParameterSnapshot | null {
  const file = publicChainId === null ? undefined : FILES.get(publicChainId);
  if (publicChainId === null || file === undefined) return null;
  const known = loaded.get(publicChainId);
  if (known) return known;
  const snapshot = { fromBlock: file.fromBlock, parameters: readParameters(file.url) };
  loaded.set(publicChainId, snapshot);
  return snapshot;
}
