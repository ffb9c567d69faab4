import type { FeeEvent } from '../../../schema/events/position.ts';
import { siblings } from '../abi/contract-logs.ts';
import { storable } from '../abi/storable.ts';
import {
  decreasePoolAmount,
  increasePosition,
  liquidatePosition,
  updatePositionV1,
  updatePositionV2,
} from './events.ts';
import {
  changeAfter,
  type DecreaseLog,
  type FeesLog,
  type IncreaseLog,
  type LiquidateLog,
  type UpdateLog,
} from './vault-logs.ts';

const BASIS_POINTS = 10_000n;

/** Parameters of the Vault that no log states; null = unknown. */
export interface FeeParameters {
  readonly marginFeeBasisPoints: bigint | null;
  readonly liquidationFeeUsd: bigint | null;
}

interface FeeSplit {
  readonly positionFeeUsd: bigint;
  readonly borrowFeeUsd: bigint;
}

/**
 * CollectMarginFees: fee on the size changed plus what the Vault calls funding, in USD. Funding goes
 * to the pool, whichever side pays it: it is a borrowing fee here. A liquidation's own fee is paid out
 * of the pool to the keeper, and its amount in USD is in no log.
 */
export function marginFees(log: FeesLog, parameters: FeeParameters): FeeEvent {
  const change = changeAfter(log);
  const { feeUsd, feeTokens } = log.args;
  const split = splitOf(feeUsd, change, parameters.marginFeeBasisPoints);
  const isLiquidation = change.decoder.event === liquidatePosition;
  const liquidationFeeUsd = isLiquidation ? parameters.liquidationFeeUsd : 0n;
  const { key, indexToken, collateralToken } = change.args;
  return storable<FeeEvent>({
    ...log.place,
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: key,
    orderKey: key,
    market: indexToken,
    collateralToken,
    collateralPriceMin: 1n,
    positionFeeRaw: split?.positionFeeUsd ?? 0n,
    borrowFeeRaw: split?.borrowFeeUsd ?? 0n,
    borrowFeeUsd: split?.borrowFeeUsd ?? 0n,
    fundingFeeRaw: 0n,
    liquidationFeeRaw: liquidationFeeUsd ?? 0n,
    totalCostRaw: feeUsd + (liquidationFeeUsd ?? 0n),
    remainingCostUsd: 0n,
    step: '',
    details: {
      feeUsd: feeUsd.toString(),
      feeTokens: feeTokens.toString(),
      ...(split ? {} : { split: 'unknown' }),
      ...(isLiquidation ? liquidationDetails(change as LiquidateLog, liquidationFeeUsd) : {}),
    },
  });
}

/** The Vault pays the keeper from the pool as the last change of it (Vault.sol liquidatePosition). */
function liquidationDetails(log: LiquidateLog, feeUsd: bigint | null): Record<string, string> {
  const paid = siblings(log.transaction, decreasePoolAmount).find(
    ({ place, args }) =>
      place.logIndex > log.place.logIndex && args.token === log.args.collateralToken,
  );
  return {
    ...(paid ? { liquidationFeeTokens: paid.args.amount.toString() } : {}),
    ...(feeUsd === null ? { liquidationFeeUsd: 'unknown' } : {}),
  };
}

/** Null where neither the fee rate nor the kind of change tells the two fees apart. */
function splitOf(
  feeUsd: bigint,
  change: IncreaseLog | DecreaseLog | LiquidateLog,
  marginFeeBasisPoints: bigint | null,
): FeeSplit | null {
  const sizeUsd = 'size' in change.args ? change.args.size : change.args.sizeDelta;
  if (sizeUsd === 0n) return { positionFeeUsd: 0n, borrowFeeUsd: feeUsd };
  if (opensPosition(change)) return { positionFeeUsd: feeUsd, borrowFeeUsd: 0n };
  if (marginFeeBasisPoints === null) return null;
  // VaultUtils.sol getPositionFee rounds what is left down, so the fee up.
  const full = sizeUsd - (sizeUsd * (BASIS_POINTS - marginFeeBasisPoints)) / BASIS_POINTS;
  // A liquidation takes no more than what is left of the collateral.
  const positionFeeUsd = full < feeUsd ? full : feeUsd;
  return { positionFeeUsd, borrowFeeUsd: feeUsd - positionFeeUsd };
}

function opensPosition(change: IncreaseLog | DecreaseLog | LiquidateLog): boolean {
  if (change.decoder.event !== increasePosition) return false;
  const { key, sizeDelta } = (change as IncreaseLog).args;
  const updates: readonly UpdateLog[] = [
    ...siblings(change.transaction, updatePositionV1),
    ...siblings(change.transaction, updatePositionV2),
  ];
  return updates.some(
    ({ place, args }) =>
      place.logIndex === change.place.logIndex + 1 && args.key === key && args.size === sizeDelta,
  );
}
