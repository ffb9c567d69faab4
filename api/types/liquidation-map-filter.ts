import { UsageError } from '../../schema/errors.ts';
import { parseFixed, USD_DECIMALS } from '../../schema/units.ts';
import { builder } from '../builder.ts';
import type { Side } from '../queries/answers.ts';
import { type AgedFilter, LEVERAGE_DECIMALS } from '../queries/liquidation-map-filter.ts';
import { SideEnum } from './enums.ts';

const LEVERAGE_TEXT =
  'Notional ÷ collateral, at most 6 decimals: at the instant (JUDGED), when the level was made (LEDGER), just before (REALIZED).';
const AGE_TEXT = 'Since the position was opened, counted at the as-of block.';

export const MassFilterInput = builder.inputType('LiquidationMapFilter', {
  description: 'Only positions that pass every given test; bounds are inclusive.',
  fields: (t) => ({
    side: t.field({ type: SideEnum }),
    account: t.string(),
    collateralToken: t.string({ description: 'Token address.' }),
    minSizeUsd: t.field({
      type: 'Decimal',
      description: 'Least notional, as `sizeUsd` counts it.',
    }),
    maxSizeUsd: t.field({ type: 'Decimal' }),
    minLeverage: t.field({ type: 'Decimal', description: LEVERAGE_TEXT }),
    maxLeverage: t.field({ type: 'Decimal', description: LEVERAGE_TEXT }),
    minAgeSeconds: t.int({ description: AGE_TEXT }),
    maxAgeSeconds: t.int({ description: AGE_TEXT }),
  }),
});

type FilterArgument =
  | {
      readonly side?: Side | null | undefined;
      readonly account?: string | null | undefined;
      readonly collateralToken?: string | null | undefined;
      readonly minSizeUsd?: string | null | undefined;
      readonly maxSizeUsd?: string | null | undefined;
      readonly minLeverage?: string | null | undefined;
      readonly maxLeverage?: string | null | undefined;
      readonly minAgeSeconds?: number | null | undefined;
      readonly maxAgeSeconds?: number | null | undefined;
    }
  | null
  | undefined;

/** @throws UsageError on a bound with too many decimals or below 0. */
export function toFilter(filter: FilterArgument): AgedFilter {
  const { minSizeUsd, maxSizeUsd, minLeverage, maxLeverage, ...rest } = filter ?? {};
  for (const name of ['minAgeSeconds', 'maxAgeSeconds'] as const) {
    if ((rest[name] ?? 0) < 0) refuse(name, String(rest[name]));
  }
  return {
    ...rest,
    minSizeUsd: bound('minSizeUsd', minSizeUsd, USD_DECIMALS),
    maxSizeUsd: bound('maxSizeUsd', maxSizeUsd, USD_DECIMALS),
    minLeverage: bound('minLeverage', minLeverage, LEVERAGE_DECIMALS),
    maxLeverage: bound('maxLeverage', maxLeverage, LEVERAGE_DECIMALS),
  };
}

function bound(name: string, text: string | null | undefined, decimals: number): bigint | null {
  if (text === null || text === undefined) return null;
  try {
    const value = parseFixed(text, decimals);
    if (value >= 0n && value < 10n ** 48n) return value;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return refuse(name, text);
}

function refuse(name: string, value: string): never {
  throw new UsageError('That is no bound of the filter.', {
    facts: { [name]: value.slice(0, 80) },
    remedy: 'Give a number from 0: leverage with at most 6 decimals, sizes with at most 30.',
  });
}
