import type { ColumnEnd } from './heatmap-columns.ts';
import type { HeatmapCell, HeatmapLayer } from './liquidation-map-answers.ts';
import { type Mass, parseCellKey } from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';
import type { judgedWith } from './parameter-values.ts';

/** A cell by its place on the lattice; `row` follows when all layers are known. */
export type LatticeCell = Omit<HeatmapCell, 'row'> & { readonly k: number };

/** Layers that rest on levels, and what provenance says of how these are known. */
export interface LevelLayers extends ReturnType<typeof judgedWith> {
  /** By layer, column, k, LONG before SHORT. */
  readonly cells: readonly LatticeCell[];
  /** By column, USD 1e30: positions that no price liquidates. */
  readonly unplaced: readonly (Mass | undefined)[];
}

/** A layer of masses in USD 1e30. */
export function toLayer(
  layer: HeatmapLayer,
  ends: readonly ColumnEnd[],
  cellsOf: (end: ColumnEnd) => ReadonlyMap<string, Mass> | undefined,
): LatticeCell[] {
  return ends.flatMap((end) =>
    [...(cellsOf(end) ?? [])]
      .map(([key, mass]) => ({
        ...parseCellKey(key),
        column: end.column,
        layer,
        valueUsd: usdText(mass.valueUsd),
        count: mass.count,
      }))
      .sort((a, b) => a.k - b.k || (a.side < b.side ? -1 : 1)),
  );
}
