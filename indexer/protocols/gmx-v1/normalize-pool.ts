import type { MarketEvent } from '../../../schema/events/market.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { storable } from '../abi/storable.ts';
import type { GmxV1Token } from './data/mainnet-tokens.ts';
import {
  directPoolDeposit,
  type increasePoolAmount,
  type priceUpdate,
  type setPrice,
  type updateFundingRate,
} from './events.ts';

type AmountLog = ContractLog<EventArgs<typeof increasePoolAmount>>;

/** Pool, reserves and funding are the collateral token's: the market stays open. */
function tokenEvent(
  log: ContractLog,
  type: MarketEvent['type'],
  token: string,
  rest: Pick<MarketEvent, 'delta' | 'value' | 'details'>,
): MarketEvent {
  return storable<MarketEvent>({
    ...log.place,
    kind: 'market',
    type,
    market: '',
    token,
    isLong: null,
    ...rest,
  });
}

/** The Vault's cumulative funding rate of a collateral token, 1e6 = 100 %: paid to the pool by both sides. */
export function fundingRateUpdated(
  log: ContractLog<EventArgs<typeof updateFundingRate>>,
): MarketEvent {
  const { token, fundingRate } = log.args;
  return tokenEvent(log, 'BorrowingFactorAccrued', token, {
    delta: null,
    value: fundingRate,
    details: {},
  });
}

/**
 * `direction` 1n = more, −1n = less; token base units. Every use of the pool accrues funding first, but a
 * direct deposit, whose own event is the very next log (Vault.sol directPoolDeposit).
 */
export function poolAmountChanged(log: AmountLog, direction: 1n | -1n): MarketEvent {
  const { token, amount } = log.args;
  const isDirectDeposit = siblings(log.transaction, directPoolDeposit).some(
    ({ place, args }) =>
      place.logIndex === log.place.logIndex + 1 && args.token === token && args.amount === amount,
  );
  return tokenEvent(log, 'PoolAmountChanged', token, {
    delta: direction * amount,
    value: null,
    details: { accruesFunding: !(isDirectDeposit && direction === 1n) },
  });
}

export function reservedAmountChanged(log: AmountLog, direction: 1n | -1n): MarketEvent {
  const { token, amount } = log.args;
  return tokenEvent(log, 'ReservedAmountChanged', token, {
    delta: direction * amount,
    value: null,
    details: { accruesFunding: true },
  });
}

type PriceLog = ContractLog<EventArgs<typeof priceUpdate> | EventArgs<typeof setPrice>>;

/**
 * The keeper's price as it stands in the log. VaultPriceFeed puts its spread on it (the rules do), and
 * on public chains bounds it by Chainlink. The log has no time: the keeper's is in the calldata.
 */
export function priceUpdated(log: PriceLog, tokens: ReadonlyMap<string, GmxV1Token>): OracleUpdate {
  const { token, price } = log.args;
  const symbol = tokens.get(token)?.symbol;
  return storable<OracleUpdate>({
    ...log.place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token,
    symbol: symbol ? `${symbol} / USD` : '',
    provider: 'priceFeed' in log.args ? log.args.priceFeed : log.address,
    minPrice: price,
    maxPrice: price,
    priceDecimals: 30,
    delivery: 'PUSH',
    observedAt: null,
    timeIsBlockTime: false,
    details: {},
  });
}
