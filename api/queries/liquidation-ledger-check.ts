import { z } from 'zod';
import { BASE_CELLS, type CellWidth } from '../../margin/price-lattice.ts';
import { formatFixed, powerOfTen } from '../../schema/units.ts';
import {
  type LedgerScope,
  ledgerDecimals,
  ledgerParameters,
  type Stretch,
} from './liquidation-ledger.ts';
import type { LedgerCheck } from './liquidation-map-answers.ts';
import type { IndexToken } from './market-ref.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const residualQuery = loadQuery(
  'liquidation-ledger-residual',
  z.object({
    level_residual: integer,
    unplaced_residual: integer,
    count_residual: count,
    cells_checked: count,
  }),
);

const positionsQuery = loadQuery(
  'liquidation-ledger-positions',
  z.object({ positions_apart: count }),
);

/**
 * The identity of the heatmap's layers (analytics C4) in every cell, also that of positions without a
 * level, and step: the first step is all before the first column. A row whose loss leaves the books
 * balanced (the last of an open position) shows in the positions.
 */
export async function checkLedger(
  reader: Reader,
  request: {
    readonly scope: LedgerScope;
    readonly stretches: readonly Stretch[];
    readonly cellWidth: CellWidth;
    readonly indexToken: IndexToken;
  },
): Promise<LedgerCheck> {
  const { scope, stretches, indexToken } = request;
  const last = stretches.at(-1);
  if (!last) return { residualUsd: '0', residualCount: 0, cellsChecked: 0, positionsApart: 0 };
  const parameters = ledgerParameters({ ...scope, toBlock: last.end });
  const [[row], [positions]] = await Promise.all([
    residualQuery.run(reader, {
      ...parameters,
      starts: stretches.map(({ start }) => start),
      width: BASE_CELLS[request.cellWidth],
    }),
    positionsQuery.run(reader, parameters),
  ]);
  const level = ledgerDecimals(scope, indexToken, 'LEVEL');
  const unplaced = ledgerDecimals(scope, indexToken, 'NONE');
  // In the finer of the two units, so that neither is rounded.
  const decimals = Math.max(level, unplaced);
  const residuals = [
    (row?.level_residual ?? 0n) * powerOfTen(decimals - level),
    (row?.unplaced_residual ?? 0n) * powerOfTen(decimals - unplaced),
  ];
  const greatest = residuals.reduce((most, one) => (one > most ? one : most), 0n);
  return {
    residualUsd: formatFixed(greatest, decimals),
    residualCount: row?.count_residual ?? 0,
    cellsChecked: row?.cells_checked ?? 0,
    positionsApart: positions?.positions_apart ?? 0,
  };
}
