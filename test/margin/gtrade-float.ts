import {
  collateralOf,
  priceUsd8,
  type RawPairBorrowing,
  type RawTrade,
  SNAPSHOT_BLOCK,
  SNAPSHOT_TIME,
  variables,
} from './gtrade-snapshot.ts';

/**
 * The formulas of the official SDK in plain floating point, written down once more and independently of
 * the rules: GainsNetwork-org/sdk a8c6987d src/trade/liquidation, fees/{trading,borrowing,borrowingV2,
 * fundingFees}, priceImpact/cumulVol getSpreadP. In collateral tokens and whole prices.
 */
const YEAR = 365 * 24 * 60 * 60;
const n = Number;

interface Sides {
  readonly long: number;
  readonly short: number;
}

interface Growth {
  readonly acc: Sides;
  readonly feePerBlock: number;
  readonly blocks: number;
  readonly exponent: number;
  readonly oi: Sides;
  readonly max: number;
  readonly minP: number;
  readonly maxP: number;
}

function grown({ acc, feePerBlock, blocks, exponent, oi, max, minP, maxP }: Growth): Sides {
  if (blocks <= 0) return acc;
  const fee = (net: number) =>
    max > 0 && exponent > 0 ? feePerBlock * blocks * (net / max) ** exponent : 0;
  const net = Math.abs(oi.long - oi.short);
  const least = max * minP > 0 ? fee(max * minP) : 0;
  const larger = net > max * minP ? fee(Math.min(net, max * maxP)) : least;
  return oi.long < oi.short
    ? { long: acc.long + least, short: acc.short + larger }
    : { long: acc.long + larger, short: acc.short + least };
}

function pairNow(pair: RawPairBorrowing, price: number): Sides {
  const { beforeV10, token } = pair.oi;
  return grown({
    acc: { long: n(pair.accFeeLong) / 1e10, short: n(pair.accFeeShort) / 1e10 },
    feePerBlock: n(pair.feePerBlock) / 1e10,
    blocks: SNAPSHOT_BLOCK - n(pair.accLastUpdatedBlock),
    exponent: n(pair.feeExponent),
    oi: {
      long: n(beforeV10.long) / 1e10 + (n(token.oiLongToken) / 1e18) * price,
      short: n(beforeV10.short) / 1e10 + (n(token.oiShortToken) / 1e18) * price,
    },
    max: n(beforeV10.max) / 1e10,
    minP: n(pair.feePerBlockCap.minP) / 1e5,
    maxP: n(pair.feePerBlockCap.maxP) / 1e5 || 1,
  });
}

function groupNow(raw: RawTrade, index: number): Sides {
  const group = collateralOf(raw).borrowingFees.v1.groups[index]!;
  return grown({
    acc: { long: n(group.accFeeLong) / 1e10, short: n(group.accFeeShort) / 1e10 },
    feePerBlock: n(group.feePerBlock) / 1e10,
    blocks: SNAPSHOT_BLOCK - n(group.accLastUpdatedBlock),
    exponent: n(group.feeExponent),
    oi: { long: n(group.oi.long) / 1e10, short: n(group.oi.short) / 1e10 },
    max: n(group.oi.max) / 1e10,
    minP: 0,
    maxP: 1,
  });
}

/** Percent of the position size. */
function borrowingV1(raw: RawTrade, price: number): number {
  const pair = collateralOf(raw).borrowingFees.v1.pairs[n(raw.trade.pairIndex)]!;
  const pick = (sides: Sides) => (raw.trade.long ? sides.long : sides.short);
  const initial = raw.initialAccFees;
  const block = n(initial.block);
  const { groups } = pair;
  const first = groups[0];
  let fee = 0;
  if (!first || n(first.block) > block) {
    const start = first
      ? pick({ long: n(first.pairAccFeeLong) / 1e10, short: n(first.pairAccFeeShort) / 1e10 })
      : pick(pairNow(pair, price));
    fee = start - n(initial.accPairFee) / 1e10;
  }
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i]!;
    const next = groups[i + 1];
    const before = n(group.block) < block;
    if (next && before && n(next.block) <= block) break;
    const groupEnd = next
      ? pick({
          long: n(next.prevGroupAccFeeLong) / 1e10,
          short: n(next.prevGroupAccFeeShort) / 1e10,
        })
      : pick(groupNow(raw, n(group.groupIndex)));
    const pairEnd = next
      ? pick({ long: n(next.pairAccFeeLong) / 1e10, short: n(next.pairAccFeeShort) / 1e10 })
      : pick(pairNow(pair, price));
    const groupStart = before
      ? n(initial.accGroupFee) / 1e10
      : pick({
          long: n(group.initialAccFeeLong) / 1e10,
          short: n(group.initialAccFeeShort) / 1e10,
        });
    const pairStart = before
      ? n(initial.accPairFee) / 1e10
      : pick({ long: n(group.pairAccFeeLong) / 1e10, short: n(group.pairAccFeeShort) / 1e10 });
    fee += Math.max(groupEnd - groupStart, pairEnd - pairStart);
    if (before) break;
  }
  return fee;
}

/** Percent per price of both v10 accumulators since the trade's own. No apr multiplier in the snapshot. */
function v10Fees(raw: RawTrade, price: number): { borrowing: number; funding: number } {
  const pair = n(raw.trade.pairIndex);
  const { borrowingFees, fundingFees } = collateralOf(raw);
  const rate = n(borrowingFees.v2.pairParams[pair]!.borrowingRatePerSecondP) / 1e10;
  const data = borrowingFees.v2.pairData[pair]!;
  const acc =
    n(data.accBorrowingFeeP) / 1e20 +
    rate * Math.max(0, SNAPSHOT_TIME - n(data.lastBorrowingUpdateTs)) * price;
  const borrowing = acc - n(raw.tradeFeesData.initialAccBorrowingFeeP) / 1e20;
  const params = fundingFees.pairParams[pair]!;
  if (!params.fundingFeesEnabled) return { borrowing, funding: 0 };
  if (params.aprMultiplierEnabled) throw new Error('not in this snapshot');
  const { token } = borrowingFees.v1.pairs[pair]!.oi;
  const net = (n(token.oiLongToken) - n(token.oiShortToken)) / 1e18;
  const isCharged = net !== 0 && Math.abs(net) * price >= n(params.thetaThresholdUsd);
  const velocity = isCharged
    ? Math.sign(net) *
      Math.min(
        (Math.abs(net) * n(params.skewCoefficientPerYear)) / 1e26,
        n(params.absoluteVelocityPerYearCap) / 1e7,
      )
    : 0;
  const state = fundingFees.pairData[pair]!;
  const last = n(state.lastFundingRatePerSecondP) / 1e18;
  const seconds = SNAPSHOT_TIME - n(state.lastFundingUpdateTs);
  const cap = (n(params.absoluteRatePerSecondCap) / 1e10) * (velocity < 0 ? -1 : 1);
  const toCap = velocity === 0 ? Number.POSITIVE_INFINITY : ((cap - last) * YEAR) / velocity;
  const now = seconds > toCap ? cap : last + (seconds * velocity) / YEAR;
  const average =
    seconds > toCap
      ? (((last + cap) / 2) * toCap + cap * (seconds - toCap)) / seconds
      : (last + now) / 2;
  const grownBy = average * seconds * price;
  const side = raw.trade.long
    ? n(state.accFundingFeeLongP) / 1e20 + grownBy
    : n(state.accFundingFeeShortP) / 1e20 - grownBy;
  return { borrowing, funding: side - n(raw.tradeFeesData.initialAccFundingFeeP) / 1e20 };
}

export function thresholdOf(raw: RawTrade): number {
  const p = raw.liquidationParams;
  const leverage = n(raw.trade.leverage) / 1e3;
  const [from, to] = [n(p.startLeverage) / 1e3, n(p.endLeverage) / 1e3];
  const [start, end] = [n(p.startLiqThresholdP) / 1e12, n(p.endLiqThresholdP) / 1e12];
  if ([n(p.maxLiqSpreadP), start, end, from, to].includes(0)) return 0.9;
  if (leverage < from) return start;
  if (leverage > to || start === end) return end;
  return start - ((leverage - from) * (start - end)) / (to - from);
}

export interface FloatAnswer {
  readonly liquidationPrice: number;
  /** Collateral tokens. */
  readonly equity: number;
  readonly fees: number;
}

export function sdkAnswer(raw: RawTrade, price: number): FloatAnswer {
  const { trade, tradeInfo, tradeFeesData } = raw;
  const collateral = collateralOf(raw);
  const tokens = 10 ** collateral.collateralConfig.decimals;
  const pair = variables.pairs[n(trade.pairIndex)]!;
  const fee = variables.fees[n(pair.feeIndex)]!;
  const amount = n(trade.collateralAmount) / tokens;
  const leverage = n(trade.leverage) / 1e3;
  const open = n(trade.openPrice) / 1e10;
  const size = amount * leverage;
  const usd = n(priceUsd8(collateral)) / 1e8;
  const closing =
    (n(fee.totalPositionSizeFeeP) / 1e12) * Math.max(size, n(fee.minPositionSizeUsd) / 1e3 / usd);
  const isV10 = n(tradeInfo.contractsVersion) >= 2;
  const v10 = isV10 ? v10Fees(raw, price) : { borrowing: 0, funding: 0 };
  const holding =
    (size * borrowingV1(raw, price)) / 100 + (size * (v10.borrowing + v10.funding)) / open / 100;
  const realized = isV10
    ? (n(tradeFeesData.realizedPnlCollateral) - n(tradeFeesData.realizedTradingFeesCollateral)) /
      tokens
    : 0;
  const fees = closing + holding - realized;
  const most = n(raw.liquidationParams.maxLiqSpreadP) / 1e12;
  const counts = n(tradeInfo.contractsVersion) >= 1 && most > 0;
  const spread = counts ? Math.min(n(pair.spreadP) / 1e12 / 2, most) : 0;
  const distance = (open * (amount * thresholdOf(raw) - fees)) / amount / leverage - open * spread;
  const move = ((trade.long ? price - open : open - price) / open) * leverage;
  return {
    liquidationPrice: Math.max(trade.long ? open - distance : open + distance, 0),
    equity: amount + amount * Math.max(move, -1) - size * spread - fees,
    fees,
  };
}
