import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import {
  type ContractLog,
  type HandlerTable,
  handlerTable,
  ignore,
  on,
  siblings,
} from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { storable } from '../abi/storable.ts';

import type { AccountLegs } from './account-legs.ts';
import { ORACLE_ID_KEY, settingName } from './config-keys.ts';
import {
  addCollateralToken,
  closePosition,
  createCollateralPool,
  createMarket,
  IGNORED_EVENTS,
  liquidatePosition,
  openPosition,
  poolClosePosition,
  poolOpenPosition,
  setCollateralPoolConfig,
  setConfig,
  setMarketConfig,
  setPrice,
  updateMarketBorrowing,
} from './events.ts';
import {
  borrowingAccrued,
  collateralAccepted,
  marketListed,
  marketOracleSet,
  parameterChanged,
  poolCollateral,
  poolSetting,
  poolSizeChanged,
  tokenDecimals,
  tokenIsStable,
} from './facts.ts';
import { positionHandlers } from './normalize-positions.ts';

/** What price feeds are called, where the manifest says so. */
export type OracleSymbols = ReadonlyMap<string, string>;

export function mux3Handlers(legs: AccountLegs, symbols: OracleSymbols): HandlerTable {
  return handlerTable([
    ...positionHandlers(legs),
    on(addCollateralToken, ({ args, place }) => tokenAdded(place, args)),
    on(createCollateralPool, ({ args, place }) =>
      parameterChanged(place, {
        name: poolCollateral(args.pool),
        value: BigInt(args.collateral),
        valueText: args.collateral,
      }),
    ),
    on(createMarket, ({ args, place }) =>
      marketListed(
        place,
        { id: args.marketId, symbol: args.symbol, isLong: args.isLong, oracleId: null },
        'EVENT',
      ),
    ),
    on(setConfig, ({ args, place }) => settingChanged(place, '', args)),
    on(setMarketConfig, ({ args, place }) => settingChanged(place, args.marketId, args)),
    on(setCollateralPoolConfig, ({ args, place }) =>
      parameterChanged(place, {
        name: poolSetting(args.pool, args.key),
        value: signedOf(args.value),
        valueText: args.value,
        key: args.key,
        keyData: args.pool,
      }),
    ),
    on(setPrice, (log) => priceSet(log, symbols)),
    on(updateMarketBorrowing, ({ args, place }) =>
      borrowingAccrued(place, {
        market: args.marketId,
        pool: args.pool,
        value: args.cumulatedBorrowingPerUsd,
        ratePerYear: args.feeRateApy,
      }),
    ),
    on(poolOpenPosition, (log) => poolSize(log, log.args.size)),
    on(poolClosePosition, (log) => poolSize(log, -log.args.size)),
    ...ignore(IGNORED_EVENTS),
  ]);
}

function tokenAdded(
  place: EventPlace,
  { token, decimals, isStable }: EventArgs<typeof addCollateralToken>,
): readonly DomainEvent[] {
  const stable = isStable ? 1n : 0n;
  return [
    parameterChanged(place, { name: tokenDecimals(token), value: BigInt(decimals) }),
    {
      ...parameterChanged(place, { name: tokenIsStable(token), value: stable }),
      subIndex: 1,
    },
    { ...collateralAccepted(place, token), subIndex: 2 },
  ];
}

/** A key we do not name keeps its hash as name; an oracle id also lists the market's index. */
function settingChanged(
  place: EventPlace,
  market: string,
  { key, value }: { readonly key: string; readonly value: string },
): readonly DomainEvent[] {
  if (key === ORACLE_ID_KEY) {
    const set = { market, name: 'oracleId', value: null, valueText: value, key };
    return [
      parameterChanged(place, set),
      { ...marketOracleSet(place, market, value), subIndex: 1 },
    ];
  }
  const name = settingName(key);
  const number = name === null ? null : signedOf(value);
  const fact = { market, name: name ?? key, value: number, valueText: value, key };
  return [parameterChanged(place, fact)];
}

/** Settings are words; the pools' borrowing curve has negative ones. */
function signedOf(word: string): bigint {
  return BigInt.asIntN(256, BigInt(word));
}

function priceSet(
  log: ContractLog<EventArgs<typeof setPrice>>,
  symbols: OracleSymbols,
): OracleUpdate {
  const { oracleId, provider, price, timestamp } = log.args;
  if (timestamp > 2n ** 40n) throw new DecodeError(`a time of ${timestamp}`);
  return storable<OracleUpdate>({
    ...log.place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: oracleId,
    symbol: symbols.get(oracleId) ?? '',
    provider,
    minPrice: price,
    maxPrice: price,
    priceDecimals: 18,
    delivery: 'PULL',
    observedAt: Number(timestamp),
    timeIsBlockTime: false,
    details: {},
  });
}

/** The pool does not say the market's side; the position log of the same transaction does. */
function poolSize(
  log: ContractLog<EventArgs<typeof poolOpenPosition>>,
  delta: bigint,
): DomainEvent {
  const { marketId, pool, totalSize } = log.args;
  const positions = [
    ...siblings(log.transaction, openPosition),
    ...siblings(log.transaction, closePosition),
    ...siblings(log.transaction, liquidatePosition),
  ];
  const named = positions.find(({ args }) => args.marketId === marketId);
  const isLong = named?.args.isLong ?? null;
  return poolSizeChanged(log.place, { market: marketId, pool, isLong, delta, value: totalSize });
}
