import { UsageError } from '../../schema/errors.ts';
import { USD_DECIMALS } from '../../schema/units.ts';
import type { Decimal } from './answers.ts';

/** Where the classes of notional begin, in whole USD, unless somebody asks for others; the first begins at 0. */
export const SIZE_CLASS_BOUNDS_USD = [1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const;

/** A table of more is read by nobody. */
const MAX_BOUNDS = 30;

/** Sizes in [sizeFromUsd, sizeToUsd); no upper end in the last class. */
export interface SizeClass {
  readonly sizeFromUsd: Decimal;
  readonly sizeToUsd: Decimal | null;
}

/** Bounds that were asked for, or the usual ones. @throws UsageError unless they rise from above 0. */
export function sizeBounds(asked: readonly number[] | null | undefined): readonly number[] {
  const bounds = asked ?? SIZE_CLASS_BOUNDS_USD;
  const isRising = bounds.every((bound, at) => bound > (bounds[at - 1] ?? 0));
  if (isRising && bounds.length <= MAX_BOUNDS) return bounds;
  throw new UsageError('Those are not bounds of size classes.', {
    facts: { bounds: bounds.length, limit: MAX_BOUNDS },
    remedy: 'Give whole dollars above 0, rising, each once.',
  });
}

/** @param index 0 below the first bound, n from the nth bound on. */
export function sizeClassAt(bounds: readonly number[], index: number): SizeClass {
  return {
    sizeFromUsd: (bounds[index - 1] ?? 0).toString(),
    sizeToUsd: bounds[index]?.toString() ?? null,
  };
}

/** Which class a size (USD 1e30) is in. */
export function sizeClassOf(bounds: readonly number[], sizeUsd: bigint): number {
  const dollar = 10n ** BigInt(USD_DECIMALS);
  return bounds.filter((bound) => sizeUsd >= BigInt(bound) * dollar).length;
}
