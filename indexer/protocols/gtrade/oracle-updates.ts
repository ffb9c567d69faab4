import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { detailsOf } from './details.ts';
import type { Execution } from './executions.ts';
import { priceReceivedV10, priceReceivedV10Early, signedPricesReceived } from './oracle-events.ts';
import { tokenOf, type VenueContext } from './venue-context.ts';

const PRICE_DECIMALS = 10;
const COLLATERAL_PRICE_DECIMALS = 8;
const LAST_SECOND = 2n ** 40n;

/** One node's answer. Prices 1e10; `ts` unix seconds of its observation. */
interface Answer {
  readonly current: bigint;
  readonly ts: number | bigint;
}

interface Answered {
  readonly pairIndex: number;
  readonly isLookback: boolean;
  readonly minFilteredAnswersReached: boolean;
  readonly filteredAnswers: readonly Answer[];
}

/**
 * The median of the answers that passed the contract's filter, as its callback takes it; of an even
 * number the mean of the middle two, rounded down. Answers that did not yet suffice set no price.
 * Observed when the oldest of them was.
 */
export function answeredPrice(log: ContractLog, answered: Answered): OracleUpdate | null {
  const { filteredAnswers, minFilteredAnswersReached, pairIndex } = answered;
  const answers = filteredAnswers.filter(({ current }) => current > 0n);
  if (!minFilteredAnswersReached || answers.length === 0) return null;
  const price = median(answers.map(({ current }) => current));
  const times = answers.map(({ ts }) => BigInt(ts)).sort((a, b) => (a < b ? -1 : 1));
  const oldest = times[0] ?? 0n;
  if (oldest >= LAST_SECOND) throw new DecodeError(`an observation at second ${oldest}`);
  return {
    ...update(log, String(pairIndex), price, PRICE_DECIMALS),
    observedAt: oldest > 0n ? Number(oldest) : null,
    details: detailsOf(log.args as object),
  };
}

interface EarlyAnswer {
  readonly open: bigint;
  readonly ts: bigint;
}

/** ABI of 2025-03 to 07: `open` is the price asked for; of a look-back, the first of a candle. */
export function earlyAnsweredPrice(
  log: ContractLog,
  answered: Omit<Answered, 'filteredAnswers'> & {
    readonly filteredAnswers: readonly EarlyAnswer[];
  },
): OracleUpdate | null {
  if (answered.isLookback) return null;
  const filteredAnswers = answered.filteredAnswers.map(({ open, ts }) => ({ current: open, ts }));
  return answeredPrice(log, { ...answered, filteredAnswers });
}

function median(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0n;
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? 0n) + upper) / 2n;
}

function update(log: ContractLog, token: string, price: bigint, decimals: number): OracleUpdate {
  return {
    ...log.place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token,
    symbol: '',
    provider: log.address,
    minPrice: price,
    maxPrice: price,
    priceDecimals: decimals,
    delivery: 'PULL',
    observedAt: null,
    timeIsBlockTime: false,
    details: {},
  };
}

/**
 * Prices that an executed order was settled at: the collateral's in USD (of every version; no time of
 * observation), and the pair's where no answer with a time stands in the transaction. v8 logs the price
 * after impact only, which is not the oracle's; a trigger order executed exactly logs its own trigger.
 */
export function settledPrices(
  log: ContractLog,
  execution: Execution,
  context: VenueContext,
): readonly OracleUpdate[] {
  const { ref, collateralIndex, collateralPriceUsd, oraclePrice, isExact } = execution;
  const made: OracleUpdate[] = [];
  if (ref && oraclePrice > 0n && !isExact && !hasAnswers(log, ref.pairIndex)) {
    made.push(update(log, String(ref.pairIndex), oraclePrice, PRICE_DECIMALS));
  }
  if (collateralIndex !== null && collateralPriceUsd > 0n) {
    const token = tokenOf(context, collateralIndex);
    made.push(update(log, token, collateralPriceUsd, COLLATERAL_PRICE_DECIMALS));
  }
  return made;
}

function hasAnswers({ transaction }: ContractLog, pairIndex: number): boolean {
  const answers: readonly ContractLog<{ readonly pairIndex: number }>[] = [
    ...siblings(transaction, priceReceivedV10),
    ...siblings(transaction, priceReceivedV10Early),
    ...siblings(transaction, signedPricesReceived),
  ];
  return answers.some(({ args }) => args.pairIndex === pairIndex);
}
