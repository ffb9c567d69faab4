import type { EventPlace } from './place.ts';

export type ParameterSource = 'EVENT' | 'MANIFEST' | 'SNAPSHOT';

/**
 * A risk parameter takes a value. `name` is ours in camelCase with the side or sign as suffix
 * ('minCollateralFactorForLiquidation', 'maxPnlFactorForTradersLong'); a key we do not know keeps
 * its base key as name ('0x…') so that nothing is lost.
 */
export interface ParameterChange extends EventPlace {
  readonly kind: 'parameter';
  readonly type: 'ParameterChanged';
  readonly market: string; // '' = holds for the whole venue
  readonly name: string;
  readonly value: bigint | null; // booleans as 0 / 1; null where the value is no number
  readonly valueText: string; // decimal, or hex for addresses and bytes32
  readonly baseKey: string;
  readonly keyData: string;
  readonly source: ParameterSource;
}
