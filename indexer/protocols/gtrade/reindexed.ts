import type { ContractTransaction } from '../abi/contract-logs.ts';
import { siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { PositionMemory } from '../position-memory.ts';
import { keyOf } from './trade.ts';
import {
  tradePositionUpdatedV9,
  tradePositionUpdatedV92,
  tradePositionUpdatedV92First,
} from './trade-events.ts';

/** Which trade, of which pair. */
export interface TradeRef {
  readonly index: number;
  readonly pairIndex: number;
}

const PAIRS = 2n ** 16n;
const INDEXES = 2n ** 32n;

/** @throws DecodeError when a value is wider than the contract stores it (uint16, uint32). */
export function tradeRef(pairIndex: bigint, index: bigint): TradeRef {
  const ref = readAs(pairIndex, index);
  if (ref === null) throw new DecodeError(`no trade ${index} of pair ${pairIndex} can exist`);
  return ref;
}

function readAs(pairIndex: bigint, index: bigint): TradeRef | null {
  if (pairIndex >= PAIRS || index >= INDEXES) return null;
  return { pairIndex: Number(pairIndex), index: Number(index) };
}

/**
 * Between the ABIs of 2024-09-04 and 2024-10-07 the indexed one of (pairIndex, index) changed from the
 * former to the latter in two events, with the same topic 0 and the same number of topics. `topic` is
 * the value in the topic, `word` the one in the data. Evidence, strongest first:
 * 0. a pair index has 16 bits, which one reading may break;
 * 1. a TradePositionUpdated of the same trader in the transaction names the trade's index (the stored
 *    state changes before the event);
 * 2. one reading is a known position of that pair, the other is not.
 * Null when neither decides: nothing is guessed.
 */
export function resolveTrade(
  trader: string,
  { topic, word }: { readonly topic: bigint; readonly word: bigint },
  transaction: ContractTransaction,
  memory: PositionMemory,
): TradeRef | null {
  if (topic === word) return tradeRef(topic, word);
  const [earlier, later] = [readAs(topic, word), readAs(word, topic)];
  if (earlier === null || later === null) return earlier ?? later;
  const updated = updatedIndexes(transaction, trader);
  if (updated.has(earlier.index) !== updated.has(later.index)) {
    return updated.has(earlier.index) ? earlier : later;
  }
  const isKnown = ({ index, pairIndex }: TradeRef) =>
    memory.get(keyOf(trader, index))?.market === String(pairIndex);
  if (isKnown(earlier) !== isKnown(later)) return isKnown(earlier) ? earlier : later;
  return null;
}

function updatedIndexes(transaction: ContractTransaction, trader: string): ReadonlySet<number> {
  const ids = [
    ...siblings(transaction, tradePositionUpdatedV9).map((log) => log.args.tradeId),
    ...siblings(transaction, tradePositionUpdatedV92First).map((log) => log.args.tradeId),
    ...siblings(transaction, tradePositionUpdatedV92).map((log) => log.args),
  ];
  return new Set(ids.filter(({ user }) => user === trader).map(({ index }) => index));
}
