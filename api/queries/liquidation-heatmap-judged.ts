import type { PriceLattice } from '../../margin/price-lattice.ts';
import type { ColumnEnd } from './heatmap-columns.ts';
import { type LevelLayers, toLayer } from './liquidation-heatmap-layers.ts';
import type { LedgerScope } from './liquidation-ledger.ts';
import {
  type Mass,
  type MassAt,
  massAtInstants,
  readOpenPositions,
  unknownCaveats,
} from './liquidation-mass.ts';
import type { IndexToken } from './market-ref.ts';
import { readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import type { Reader } from './stored-query.ts';

/** PROSPECTIVE by judging every open position at the last block of each column. */
export async function judgedLayers(
  reader: Reader,
  request: {
    readonly scope: LedgerScope;
    readonly ends: readonly ColumnEnd[];
    readonly lattice: PriceLattice;
    readonly indexToken: IndexToken;
  },
): Promise<LevelLayers> {
  const masses = await readMasses(reader, request);
  const judged = judgedWith([...masses.values()].some((mass) => mass.readPublishedParameters));
  const at = (end: ColumnEnd) => masses.get(end.block?.block ?? -1);
  return {
    ...judged,
    caveats: [...judged.caveats, ...unknownCaveats(sumUnknown(masses.values()))],
    cells: toLayer('PROSPECTIVE', request.ends, (end) => at(end)?.cells),
    unplaced: request.ends.map((end): Mass | undefined => at(end)?.unplaced),
  };
}

async function readMasses(
  reader: Reader,
  { scope, ends, lattice, indexToken }: Parameters<typeof judgedLayers>[1],
): Promise<Map<number, MassAt>> {
  const { ref, filter, measure } = scope;
  // Several columns may end at one block: it is judged once.
  const instants = new Map(ends.flatMap(({ block }) => (block ? [[block.block, block]] : [])));
  const blocks = [...instants.keys()].sort((a, b) => a - b);
  const [fromBlock, toBlock] = [blocks[0], blocks.at(-1)];
  if (fromBlock === undefined || toBlock === undefined) return new Map();
  const [timeline, positions] = await Promise.all([
    readMarketTimeline(reader, { ...ref, blocks }),
    readOpenPositions(reader, { ...ref, fromBlock, toBlock, filter }),
  ]);
  const masses = await massAtInstants(
    { lattice, measure, filter, indexToken, timeline, positions },
    blocks.flatMap((block) => instants.get(block) ?? []),
  );
  return new Map(masses.map((mass) => [mass.block, mass]));
}

function sumUnknown(masses: Iterable<MassAt>): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { unknown } of masses) {
    for (const [reason, times] of unknown) sum.set(reason, (sum.get(reason) ?? 0) + times);
  }
  return sum;
}
