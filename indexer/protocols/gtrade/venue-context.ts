import { DecodeError } from '../abi/decode-error.ts';
import type { PositionMemory } from '../position-memory.ts';
import { type Collateral, collateralName } from './collaterals.ts';
import { usdPerUnit } from './trade.ts';

/** What a handler knows beside its log. */
export interface VenueContext {
  readonly memory: PositionMemory;
  readonly collaterals: ReadonlyMap<number, Collateral>;
}

/** @throws DecodeError for a collateral whose decimals nobody states. */
export function collateralOf({ collaterals }: VenueContext, index: number): Collateral {
  const collateral = collaterals.get(index);
  if (!collateral) throw new DecodeError(`the decimals of collateral ${index} are not known`);
  return collateral;
}

/** Address where it is known, else `collateral:<index>`. */
export function tokenOf({ collaterals }: VenueContext, index: number): string {
  return collaterals.get(index)?.token ?? collateralName(index);
}

/** USD 1e30 per base unit; 0 when the log names no price. @throws DecodeError as `collateralOf`. */
export function unitPrice(
  context: VenueContext,
  collateralIndex: number,
  collateralPriceUsd: bigint,
): bigint {
  return usdPerUnit(collateralPriceUsd, collateralOf(context, collateralIndex).decimals);
}
