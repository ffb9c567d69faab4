import { difference, larger, smaller } from '../../fixed-point.ts';
import { type Parameters, parameterKey } from '../../inputs.ts';
import { type CollateralMarket, groupSinceEver, type PairGroup } from './market-state.ts';
import type { GtradePosition } from './position-state.ts';
import { known, parameter, parameterSinceV10 } from './venue-inputs.ts';

/**
 * Borrowing v1: accumulators in 1e10 percent that grow by block with the net open interest of the pair
 * and of its group; a trade owes, for each group the pair was in, the larger of the two.
 * Facts: GainsNetwork-org/sdk src/trade/fees/borrowing getBorrowingFee, getPendingAccFees; rounding of
 * Javsphere/contracts (a fork of v9.2) BorrowingFeesUtils.getTradeBorrowingFee,
 * _getBorrowingPendingAccFees, _getBorrowingPairGroupAccFeesDeltas.
 */
const P10 = 10n ** 10n;
const TOKEN_ONE = 10n ** 18n;
/** Caps: 1e3 percent. */
const CAP_ONE = 100_000n;

export interface BorrowingInputs {
  readonly position: GtradePosition;
  readonly market: CollateralMarket;
  readonly pair: string;
  readonly collateralIndex: string;
  readonly parameters: Parameters;
  /** 1e10. */
  readonly price: bigint;
  /** Null: accumulators as last stored. */
  readonly block: bigint | null;
}

interface Side {
  readonly long: bigint;
  readonly short: bigint;
}

interface Accrual {
  readonly acc: Side;
  readonly lastBlock: bigint;
  readonly feePerBlock: bigint;
  readonly feeExponent: bigint;
  readonly maxOi: bigint;
  readonly oi: Side;
  readonly cap: { readonly minP: bigint; readonly maxP: bigint };
}

const NO_CAP = { minP: 0n, maxP: CAP_ONE };

/** Accumulators at `block`; each division rounds down. */
export function accrued(accrual: Accrual, block: bigint): Side {
  const { acc, lastBlock, oi, maxOi, cap } = accrual;
  if (block <= lastBlock) return acc;
  const net = difference(oi.long, oi.short);
  const least = (maxOi * cap.minP) / CAP_ONE;
  const most = (maxOi * cap.maxP) / CAP_ONE;
  const minDelta = deltaOf(accrual, block, least);
  const delta = net > least ? deltaOf(accrual, block, smaller(net, most)) : minDelta;
  const moreShorts = oi.long < oi.short;
  return {
    long: acc.long + (moreShorts ? minDelta : delta),
    short: acc.short + (moreShorts ? delta : minDelta),
  };
}

function deltaOf(
  { feePerBlock, feeExponent, maxOi, lastBlock }: Accrual,
  block: bigint,
  net: bigint,
): bigint {
  if (maxOi === 0n || feeExponent === 0n || net === 0n) return 0n;
  const share = (net * P10) / maxOi;
  return ((block - lastBlock) * feePerBlock * share ** feeExponent) / P10 ** feeExponent;
}

/** The fee in collateral base units, rounded down. */
export function borrowingFeeV1(inputs: BorrowingInputs): bigint {
  const { position } = inputs;
  const leverage = known(position.leverage, 'leverage', position.positionKey);
  const percent = borrowingFeeP(inputs);
  return (position.collateralAmount * leverage * percent) / 1_000n / P10 / 100n;
}

function borrowingFeeP(inputs: BorrowingInputs): bigint {
  const { position } = inputs;
  const initialPair = known(position.initialPairAccFee, 'initialPairAccFee', position.positionKey);
  const initialBlock = known(position.initialAccBlock, 'initialAccBlock', position.positionKey);
  const pick = ({ long, short }: Side) => (position.isLong ? long : short);
  const groups = groupsOf(inputs);
  const [first] = groups;
  let total = 0n;
  if (first !== undefined && first.block > initialBlock) {
    total += pick({ long: first.pairAccFeeLong, short: first.pairAccFeeShort }) - initialPair;
  }
  for (let index = groups.length - 1; index >= 0; index--) {
    const group = groups[index];
    if (group === undefined) break;
    const isBefore = group.block < initialBlock;
    total += groupShare(inputs, group, groups[index + 1] ?? null, initialBlock);
    if (isBefore) break;
  }
  return total;
}

/** The larger of what the pair and the group accrued while the trade was open in that group. */
function groupShare(
  inputs: BorrowingInputs,
  group: PairGroup,
  next: PairGroup | null,
  initialBlock: bigint,
): bigint {
  const { position } = inputs;
  const { isLong } = position;
  const isBefore = group.block < initialBlock;
  if (next !== null && isBefore && next.block <= initialBlock) return 0n;
  const now = next === null ? { pair: pairNow(inputs), group: groupNow(inputs, group) } : null;
  const pairEnd = isLong
    ? (now?.pair.long ?? next?.pairAccFeeLong ?? 0n)
    : (now?.pair.short ?? next?.pairAccFeeShort ?? 0n);
  const groupEnd = isLong
    ? (now?.group.long ?? next?.prevGroupAccFeeLong ?? 0n)
    : (now?.group.short ?? next?.prevGroupAccFeeShort ?? 0n);
  const key = position.positionKey;
  const pairStart = isBefore
    ? known(position.initialPairAccFee, 'initialPairAccFee', key)
    : isLong
      ? group.pairAccFeeLong
      : group.pairAccFeeShort;
  const groupStart = isBefore
    ? known(position.initialGroupAccFee, 'initialGroupAccFee', key)
    : isLong
      ? group.initialAccFeeLong
      : group.initialAccFeeShort;
  return larger(groupEnd - groupStart, pairEnd - pairStart);
}

/** Groups of the pair, oldest first; those before the first change that was seen come from a manifest. */
function groupsOf({
  market,
  parameters,
  pair,
  collateralIndex,
}: BorrowingInputs): readonly PairGroup[] {
  if (market.groups.length > 0) return market.groups;
  const name = `borrowingGroupIndex.${collateralIndex}`;
  return [groupSinceEver(parameter(parameters, pair, name))];
}

function pairNow({
  market,
  parameters,
  pair,
  collateralIndex,
  price,
  block,
}: BorrowingInputs): Side {
  const state = known(market.borrowing, `borrowing fees in collateral ${collateralIndex}`, pair);
  const acc = { long: state.accFeeLong, short: state.accFeeShort };
  if (block === null || block <= state.accLastUpdatedBlock) return acc;
  const value = (name: string) => parameter(parameters, pair, `${name}.${collateralIndex}`);
  const feePerBlock = value('borrowingFeePerBlock');
  if (feePerBlock === 0n) return acc;
  const dynamic = (name: string) =>
    (parameterSinceV10(parameters, pair, `${name}.${collateralIndex}`) * price) / TOKEN_ONE;
  const accrual: Accrual = {
    acc,
    lastBlock: state.accLastUpdatedBlock,
    feePerBlock,
    feeExponent: value('borrowingFeeExponent'),
    maxOi: value('borrowingMaxOi'),
    // Of trades before v10 the stored collateral, of later ones their tokens at the price of now.
    oi: {
      long: value('borrowingOiLong') + dynamic('oiLongToken'),
      short: value('borrowingOiShort') + dynamic('oiShortToken'),
    },
    cap: capOf(parameters, pair, collateralIndex),
  };
  return accrued(accrual, block);
}

/** The pair's own cap, else the venue's (both since 2025-02), else none. */
function capOf(parameters: Parameters, pair: string, collateralIndex: string): Accrual['cap'] {
  const value = (name: string, otherwise: bigint) =>
    parameters.get(parameterKey(pair, `${name}.${collateralIndex}`)) ??
    parameters.get(parameterKey('', name)) ??
    otherwise;
  return { minP: value('borrowingCapMinP', 0n), maxP: value('borrowingCapMaxP', 0n) || CAP_ONE };
}

function groupNow(
  { parameters, collateralIndex, block }: BorrowingInputs,
  { groupIndex }: PairGroup,
): Side {
  if (groupIndex === 0n) return { long: 0n, short: 0n }; // no group
  const value = (name: string) =>
    parameter(parameters, '', `borrowingGroup.${collateralIndex}.${groupIndex}.${name}`);
  const acc = { long: value('accFeeLong'), short: value('accFeeShort') };
  const lastBlock = value('accLastUpdatedBlock');
  if (block === null || block <= lastBlock) return acc;
  const feePerBlock = value('feePerBlock');
  if (feePerBlock === 0n) return acc;
  const accrual: Accrual = {
    acc,
    lastBlock,
    feePerBlock,
    feeExponent: value('feeExponent'),
    maxOi: value('maxOi'),
    oi: { long: value('oiLong'), short: value('oiShort') },
    cap: NO_CAP,
  };
  return accrued(accrual, block);
}
