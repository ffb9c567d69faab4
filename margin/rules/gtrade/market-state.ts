import type { MarketEvent } from '../../../schema/events/market.ts';
import { parameterKey } from '../../inputs.ts';
import type { FoldContext } from '../../venue-rules.ts';

/** v1 borrowing of a pair in one collateral: 1e10 percent of the position size. */
export interface PairBorrowing {
  readonly accFeeLong: bigint;
  readonly accFeeShort: bigint;
  readonly accLastUpdatedBlock: bigint;
}

/** A borrowing group the pair joined, with the accumulators of that moment (1e10 percent). */
export interface PairGroup {
  readonly groupIndex: bigint;
  /** −1: a group it was in before the first change that was seen. */
  readonly block: bigint;
  readonly initialAccFeeLong: bigint;
  readonly initialAccFeeShort: bigint;
  /** Of the group it left. */
  readonly prevGroupAccFeeLong: bigint;
  readonly prevGroupAccFeeShort: bigint;
  readonly pairAccFeeLong: bigint;
  readonly pairAccFeeShort: bigint;
}

/** v10, 1e20 percent per unit of price; `lastFundingRatePerSecondP` 1e18 percent. */
export interface PairFunding {
  readonly accFundingFeeLongP: bigint;
  readonly accFundingFeeShortP: bigint;
  readonly lastFundingRatePerSecondP: bigint;
  readonly lastFundingUpdateTs: bigint;
}

export interface PairBorrowingV2 {
  readonly accBorrowingFeeP: bigint;
  readonly lastBorrowingUpdateTs: bigint;
}

/** A pair in one collateral; null = no event has told. */
export interface CollateralMarket {
  readonly token: string;
  readonly borrowing: PairBorrowing | null;
  readonly groups: readonly PairGroup[];
  readonly funding: PairFunding | null;
  readonly borrowingV2: PairBorrowingV2 | null;
}

export interface GtradeMarket {
  /** Pair index. */
  readonly market: string;
  /** Collaterals of the listing. */
  readonly collateralTokens: readonly string[];
  /** By collateral index. */
  readonly byCollateral: Readonly<Record<string, CollateralMarket>>;
}

export function initialMarket(market: string): GtradeMarket {
  return { market, collateralTokens: [], byCollateral: {} };
}

const UNTOLD: Omit<CollateralMarket, 'token'> = {
  borrowing: null,
  groups: [],
  funding: null,
  borrowingV2: null,
};

export function evolveMarket(
  state: GtradeMarket,
  event: MarketEvent,
  context: FoldContext,
): GtradeMarket {
  if (event.type === 'MarketListed') {
    const tokens = event.details['collateralTokens'];
    const named = Array.isArray(tokens) ? tokens.map(String) : [];
    return { ...state, collateralTokens: named };
  }
  const index = event.details['collateralIndex'];
  if (typeof index !== 'string') return state;
  const before = state.byCollateral[index] ?? { ...UNTOLD, token: event.token };
  const after = evolveCollateral(before, event, context, index);
  return { ...state, byCollateral: { ...state.byCollateral, [index]: after } };
}

function evolveCollateral(
  state: CollateralMarket,
  event: MarketEvent,
  context: FoldContext,
  index: string,
): CollateralMarket {
  const value = (name: string) => BigInt(String(event.details[name] ?? '0'));
  // The logs hold both sides: the event of either side has the whole of the new state.
  if (event.type === 'FundingPerSizeAccrued') {
    return {
      ...state,
      funding: {
        accFundingFeeLongP: value('accFundingFeeLongP'),
        accFundingFeeShortP: value('accFundingFeeShortP'),
        lastFundingRatePerSecondP: value('lastFundingRatePerSecondP'),
        lastFundingUpdateTs: value('lastFundingUpdateTs'),
      },
    };
  }
  if (event.type === 'BorrowingFactorAccrued' && event.isLong === null) {
    return {
      ...state,
      borrowingV2: {
        accBorrowingFeeP: value('accBorrowingFeeP'),
        lastBorrowingUpdateTs: value('lastBorrowingUpdateTs'),
      },
    };
  }
  if (event.type === 'BorrowingFactorAccrued') {
    return {
      ...state,
      borrowing: {
        accFeeLong: value('accFeeLong'),
        accFeeShort: value('accFeeShort'),
        accLastUpdatedBlock: value('currentBlock'),
      },
    };
  }
  if (event.type !== 'BorrowingRateChanged') return state;
  return { ...state, groups: groupsAfter(state, event, context, index) };
}

/**
 * BorrowingFeesUtils._setBorrowingPairParams: the pair and both groups were brought up to date by events
 * before this one, so what is in force is what the contract stores.
 */
function groupsAfter(
  { groups, borrowing }: CollateralMarket,
  event: MarketEvent,
  { parameters }: FoldContext,
  index: string,
): readonly PairGroup[] {
  const before = BigInt(String(event.details['prevGroupIndex']));
  const next = BigInt(String(event.details['newGroupIndex']));
  const ofGroup = (group: bigint, name: string) =>
    parameters.get(parameterKey('', `borrowingGroup.${index}.${group}.${name}`)) ?? 0n;
  const joined: PairGroup = {
    groupIndex: next,
    block: BigInt(event.blockNumber),
    initialAccFeeLong: ofGroup(next, 'accFeeLong'),
    initialAccFeeShort: ofGroup(next, 'accFeeShort'),
    prevGroupAccFeeLong: ofGroup(before, 'accFeeLong'),
    prevGroupAccFeeShort: ofGroup(before, 'accFeeShort'),
    pairAccFeeLong: borrowing?.accFeeLong ?? 0n,
    pairAccFeeShort: borrowing?.accFeeShort ?? 0n,
  };
  const first = groups.length === 0 && before !== 0n ? [groupSinceEver(before)] : groups;
  return [...first, joined];
}

/** A group the pair was in before anything was seen: its own beginning is never asked for. */
export function groupSinceEver(groupIndex: bigint): PairGroup {
  return {
    groupIndex,
    block: -1n,
    initialAccFeeLong: 0n,
    initialAccFeeShort: 0n,
    prevGroupAccFeeLong: 0n,
    prevGroupAccFeeShort: 0n,
    pairAccFeeLong: 0n,
    pairAccFeeShort: 0n,
  };
}
