import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { Details } from '../../../schema/events/place.ts';
import {
  type ContractLog,
  type HandlerTable,
  handlerTable,
  ignore,
  on,
  siblings,
} from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { answerUpdated, newRound, newTransmissionOcr1, newTransmissionOcr2 } from './events.ts';
import type { FeedsByAggregator } from './feeds.ts';

type AnswerUpdated = EventArgs<typeof answerUpdated>;
type Transmission = EventArgs<typeof newTransmissionOcr1> | EventArgs<typeof newTransmissionOcr2>;

/**
 * One OracleUpdate a round: NewTransmission, which says more, and AnswerUpdated of the same
 * transaction, aggregator, round and answer are one. AnswerUpdated alone (contracts before OCR, or
 * of others) is one too. NewRound repeats them.
 */
export function chainlinkHandlers(feeds: FeedsByAggregator): HandlerTable {
  return handlerTable([
    on(newTransmissionOcr1, (log) => transmitted(log, feeds, null)),
    on(newTransmissionOcr2, (log) => transmitted(log, feeds, log.args.observationsTimestamp)),
    on(answerUpdated, (log) => (isTransmitted(log) ? null : answered(log, feeds))),
    ...ignore([newRound]),
  ]);
}

/** `observationsTimestamp` null = this form of the event has none. */
function transmitted(
  log: ContractLog<Transmission>,
  feeds: FeedsByAggregator,
  observationsTimestamp: number | null,
): OracleUpdate {
  const { aggregatorRoundId, answer, transmitter, observations, ...rest } = log.args;
  const answer1 = siblings(log.transaction, answerUpdated).find((other) => isSameRound(log, other));
  const updatedAt = answer1?.args.updatedAt ?? null;
  // Zero is no time: an aggregator that does not fill the field has not observed in 1970.
  const observedAt = observationsTimestamp || null;
  return {
    ...feedOf(log, feeds),
    provider: transmitter,
    minPrice: answer,
    maxPrice: answer,
    observedAt,
    timeIsBlockTime: observedAt === null && isBlockTime(log, updatedAt),
    details: {
      event: observationsTimestamp === null ? 'NewTransmission (OCR1)' : 'NewTransmission (OCR2)',
      roundId: String(aggregatorRoundId),
      ...(updatedAt === null ? {} : { updatedAt: String(updatedAt) }),
      observations: observations.map(String),
      ...textOf(rest),
    },
  };
}

function answered(log: ContractLog<AnswerUpdated>, feeds: FeedsByAggregator): OracleUpdate {
  const { current, roundId, updatedAt } = log.args;
  return {
    ...feedOf(log, feeds),
    provider: log.address,
    minPrice: current,
    maxPrice: current,
    // Only Chainlink's own contracts say what `updatedAt` is, and there it is the block's time.
    observedAt: null,
    timeIsBlockTime: isBlockTime(log, updatedAt),
    details: {
      event: 'AnswerUpdated',
      roundId: String(roundId),
      updatedAt: String(updatedAt),
    },
  };
}

function feedOf({ address, place }: ContractLog, feeds: FeedsByAggregator) {
  const feed = feeds.get(address);
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: address,
    symbol: feed?.description ?? '',
    priceDecimals: feed?.decimals ?? null,
    delivery: 'PUSH',
  } as const;
}

function isTransmitted(log: ContractLog<AnswerUpdated>): boolean {
  return [newTransmissionOcr1, newTransmissionOcr2].some((event) =>
    siblings(log.transaction, event).some((other) => isSameRound(other, log)),
  );
}

function isSameRound(one: ContractLog<Transmission>, other: ContractLog<AnswerUpdated>): boolean {
  return (
    one.address === other.address &&
    BigInt(one.args.aggregatorRoundId) === other.args.roundId &&
    one.args.answer === other.args.current
  );
}

function isBlockTime({ place }: ContractLog, seconds: bigint | null): boolean {
  return seconds === BigInt(place.blockTimestamp);
}

function textOf(values: Readonly<Record<string, string | number | bigint>>): Details {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
