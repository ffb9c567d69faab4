import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import { type ContractLog, type HandlerTable, handlerTable, on } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { priceFeedUpdate, priceFeedUpdateV1 } from './events.ts';
import type { FeedsById } from './feeds.ts';

export interface PythContext {
  readonly feeds: FeedsById;
  /** Whether the exponents of `feeds` are those of this contract's prices at that block time. */
  hasKnownExponents(contract: string, blockTimestamp: number): boolean;
  readonly swapsPublishTimes: boolean;
}

interface Price {
  readonly id: string;
  readonly publishTime: bigint;
  readonly price: bigint;
  readonly conf: bigint;
}

export function pythHandlers(context: PythContext): HandlerTable {
  return handlerTable([
    on(priceFeedUpdate, (log) => updateOf(log, log.args, context)),
    on(priceFeedUpdateV1, (log) => {
      const { id, fresh, price, conf, publishTime, lastPublishTime } = log.args;
      // A price older than the stored one: told of, not set.
      if (!fresh) return null;
      const time = context.swapsPublishTimes ? lastPublishTime : publishTime;
      return updateOf(log, { id, price, conf, publishTime: time }, context);
    }),
  ]);
}

function updateOf(log: ContractLog, price: Price, context: PythContext): OracleUpdate {
  const feed = context.feeds.get(price.id);
  const isKnown = context.hasKnownExponents(log.address, log.place.blockTimestamp);
  const exponent = isKnown ? (feed?.exponent ?? null) : null;
  const { value, decimals } = scaled(price.price, exponent);
  return {
    ...log.place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: price.id,
    symbol: feed?.symbol ?? '',
    provider: log.address,
    minPrice: value,
    maxPrice: value,
    priceDecimals: decimals,
    delivery: 'PULL',
    observedAt: secondsOf(price.publishTime),
    timeIsBlockTime: false,
    details: {
      // The feed's integers: with the same exponent, ± confidence around the price.
      price: String(price.price),
      confidence: String(price.conf),
      ...(exponent === null ? {} : { exponent: String(exponent) }),
    },
  };
}

/** price × 10^exponent as an integer and its decimals; a positive exponent is multiplied out. */
function scaled(price: bigint, exponent: number | null) {
  if (exponent === null) return { value: price, decimals: null };
  if (exponent <= 0) return { value: price, decimals: -exponent };
  return { value: price * 10n ** BigInt(exponent), decimals: 0 };
}

/** Ten thousand years: what lies beyond is no time that anyone observed at. */
const LAST_SECOND = 253_402_300_799n;

function secondsOf(publishTime: bigint): number | null {
  if (publishTime > LAST_SECOND) {
    throw new DecodeError(`PriceFeedUpdate: publishTime ${publishTime} is no time in seconds`);
  }
  return Number(publishTime) || null;
}
