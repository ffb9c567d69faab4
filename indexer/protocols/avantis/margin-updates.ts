import type { PositionEvent } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { PositionMemory } from '../position-memory.ts';
import { COLLATERAL_TOKEN } from './contracts.ts';
import type { marginUpdated, marginUpdateInitiated } from './events.ts';
import {
  initialAccumulator,
  leveraged,
  positionKeyOf,
  sizeInIndex,
  tradeDetails,
  USD_PER_UNIT,
} from './trade.ts';

/** ITradingStorage.updateType. @throws DecodeError on a number that is none. */
function typeOf(update: number): 'MarginAdded' | 'MarginRemoved' {
  if (update === 0) return 'MarginAdded';
  if (update === 1) return 'MarginRemoved';
  throw new DecodeError(`a margin update of type ${update}`);
}

const UNCHANGED = {
  kind: 'position' as const,
  collateralToken: COLLATERAL_TOKEN,
  orderType: null,
  sizeDeltaUsd: 0n,
  sizeDeltaBase: 0n,
  executionPrice: 0n,
  indexPriceMin: 0n,
  indexPriceMax: 0n,
  collateralPriceMin: USD_PER_UNIT,
  collateralPriceMax: USD_PER_UNIT,
  realizedPnlUsd: 0n,
  priceImpactUsd: 0n,
};

/**
 * Margin added or removed, with the trade as it is afterwards: the rollover fee so far (`marginFees`)
 * is taken from the collateral, and the leverage is the open interest over what is left.
 */
export function marginChange(
  { args, place, transaction }: ContractLog<EventArgs<typeof marginUpdated>>,
  memory: PositionMemory,
): PositionEvent {
  const { newTrade: trade, _type, marginFees, lossProtectionTier, timestamp } = args;
  const positionKey = positionKeyOf(trade.trader, trade.pairIndex, trade.index);
  const known = memory.get(positionKey);
  const isKnown = known !== null && known.sizeUsd > 0n;
  const position = leveraged(trade.initialPosToken, trade.leverage);
  if (position === 0n) throw new DecodeError('a margin update without a position');
  return {
    ...place,
    ...UNCHANGED,
    type: typeOf(_type),
    positionKey,
    account: trade.trader,
    market: trade.pairIndex.toString(),
    isLong: trade.buy,
    orderKey: positionKey,
    sizeUsd: isKnown ? known.sizeUsd : position * USD_PER_UNIT,
    sizeBase: isKnown ? known.sizeBase : sizeInIndex(position, trade.openPrice),
    collateralRaw: trade.initialPosToken,
    // What it was before is not in the log: unknown where the opening was not seen.
    collateralDeltaRaw: isKnown ? trade.initialPosToken - known.collateralRaw : 0n,
    details: {
      ...tradeDetails(trade),
      ...initialAccumulator(transaction, place.logIndex, trade),
      _type: _type.toString(),
      marginFees: marginFees.toString(),
      lossProtectionTier: lossProtectionTier.toString(),
      timestamp: timestamp.toString(),
      isCollateralDeltaKnown: isKnown,
    },
  };
}

/**
 * The public source's form says the amount only. The contract takes the rollover fee so far as well,
 * which no log of that version states: `collateralRaw` is before that fee, and the rules take it from
 * the accumulators. @throws DecodeError when the trade's opening was not seen.
 */
export function marginRequest(
  { args, place, transaction }: ContractLog<EventArgs<typeof marginUpdateInitiated>>,
  memory: PositionMemory,
): PositionEvent {
  const { trader, pairIndex, index, _type, amount, lossProtectionTier, timestamp } = args;
  const positionKey = positionKeyOf(trader, pairIndex, index);
  const known = memory.get(positionKey);
  if (known === null || known.sizeUsd === 0n) {
    throw new DecodeError(`a margin update of ${positionKey}, whose opening is not known`);
  }
  const type = typeOf(_type);
  const collateralDeltaRaw = type === 'MarginAdded' ? amount : -amount;
  const collateralRaw = known.collateralRaw + collateralDeltaRaw;
  if (collateralRaw <= 0n) throw new DecodeError('a withdrawal of more than the collateral');
  return {
    ...place,
    ...UNCHANGED,
    type,
    positionKey,
    account: trader,
    market: pairIndex.toString(),
    isLong: known.isLong,
    orderKey: positionKey,
    sizeUsd: known.sizeUsd,
    sizeBase: known.sizeBase,
    collateralRaw,
    collateralDeltaRaw,
    details: {
      ...initialAccumulator(transaction, place.logIndex, { trader, pairIndex, index }),
      index: index.toString(),
      _type: _type.toString(),
      amount: amount.toString(),
      lossProtectionTier: lossProtectionTier.toString(),
      timestamp: timestamp.toString(),
      isBeforeRolloverFee: true,
    },
  };
}
