import { readTruthFile, type TruthRow } from './truth-rows.ts';

const FOLDER = 'test/fixtures/gmx-v2-truth';

export interface OpenInterestCell {
  readonly usd: string;
  readonly tokens: string;
  readonly collateralSum: string;
}

/** What the contract's liquidation said when it was tried: it would go through, its numbers, or another refusal. */
export type Probe =
  | { readonly kind: 'liquidates' }
  | {
      readonly kind: 'numbers';
      readonly remaining: bigint;
      readonly min: bigint;
      readonly minForLeverage: bigint;
    }
  | { readonly kind: 'refused'; readonly error: string };

export function probeOf(row: TruthRow): Probe | null {
  const cell = row.cell('probe');
  if (cell === null) return null;
  if (cell === 1) return { kind: 'liquidates' };
  if (!Array.isArray(cell)) return { kind: 'refused', error: String(cell) };
  const [remaining = '', min = '', minForLeverage = ''] = cell as readonly string[];
  return {
    kind: 'numbers',
    remaining: BigInt(remaining),
    min: BigInt(min),
    minForLeverage: BigInt(minForLeverage),
  };
}

/** Rows of one fixture file. */
export function readTruth(file: string): readonly TruthRow[] {
  return readTruthFile(`${FOLDER}/${file}.jsonl.gz`);
}
