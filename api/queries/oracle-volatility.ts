import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import type { OracleScope } from './oracle-scope.ts';
import { count, double, loadQuery, type Reader } from './stored-query.ts';

const volatilityQuery = loadQuery(
  'oracle-volatility',
  z.object({ hour_start: count, score: double }),
);

/** The top tenth of the hours by realised volatility are stress. */
const STRESS_SHARE = 0.1;

/** Fewer hours have no top tenth. */
const LEAST_HOURS = 10;

/**
 * Starts (unix seconds) of the hours in which the prices of the scope moved most.
 * @throws UsageError when the window has fewer than ten hours with moves.
 */
export async function readStressHours(reader: Reader, scope: OracleScope): Promise<number[]> {
  const hours = await volatilityQuery.run(reader, { ...scope });
  if (hours.length < LEAST_HOURS) {
    throw new UsageError('That window is too short for regimes of volatility.', {
      facts: { hoursWithMoves: hours.length, least: LEAST_HOURS },
      remedy: 'Widen from and to, or group by HOUR.',
    });
  }
  return stressHours(hours.map((row) => ({ hour: row.hour_start, score: row.score })));
}

/** The tenth with the highest scores, rounded up; the earlier of equals. */
export function stressHours(
  hours: readonly { readonly hour: number; readonly score: number }[],
): number[] {
  return [...hours]
    .sort((a, b) => b.score - a.score || a.hour - b.hour)
    .slice(0, Math.ceil(hours.length * STRESS_SHARE))
    .map(({ hour }) => hour)
    .sort((a, b) => a - b);
}
