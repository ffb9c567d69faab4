import type { MarketEvent } from '../../../schema/events/market.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import {
  type ContractLog,
  type HandlerTable,
  handlerTable,
  ignore,
  on,
} from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { storable } from '../abi/storable.ts';

import type { PositionMemory } from '../position-memory.ts';
import {
  IGNORED_EVENTS,
  interestAccrued,
  interestRateSet,
  maintenanceMarginChanged,
  maxLeverageChanged,
  positionFeeSet,
  pricePosted,
  tokenWhitelisted,
} from './events.ts';
import { type LevelToken, listing } from './initial-events.ts';
import { positionHandlers } from './normalize-positions.ts';

/** How each event of the Pool and the oracle is read. `tokens` gives the price decimals. */
export function levelHandlers(
  memory: PositionMemory,
  tokens: ReadonlyMap<string, LevelToken>,
): HandlerTable {
  return handlerTable([
    ...positionHandlers(memory),
    on(interestAccrued, borrowIndexAccrued),
    on(positionFeeSet, ({ args, place }) => [
      parameter(place, 'positionFee', args.positionFee, 0),
      parameter(place, 'liquidationFee', args.liquidationFee, 1),
    ]),
    on(maxLeverageChanged, ({ args, place }) =>
      parameter(place, 'maxLeverage', args.maxLeverage, 0),
    ),
    on(maintenanceMarginChanged, ({ args, place }) =>
      parameter(place, 'maintenanceMargin', args.ratio, 0),
    ),
    on(interestRateSet, ({ args, place }) => [
      parameter(place, 'interestRate', args.interestRate, 0),
      parameter(place, 'accrualInterval', args.interval, 1),
    ]),
    on(tokenWhitelisted, ({ args, place }) =>
      listing(place, args.token, tokens.get(args.token) ?? null, 'EVENT'),
    ),
    on(pricePosted, (log) => priceUpdate(log, tokens.get(log.args.token) ?? null)),
    ...ignore(IGNORED_EVENTS),
  ]);
}

/** Speaks of every market that has this collateral: no market is named. */
function borrowIndexAccrued(log: ContractLog<EventArgs<typeof interestAccrued>>): MarketEvent {
  return storable<MarketEvent>({
    ...log.place,
    kind: 'market',
    type: 'BorrowingFactorAccrued',
    market: '',
    token: log.args.token,
    isLong: null,
    delta: null,
    value: log.args.borrowIndex,
    details: {},
  });
}

function parameter(
  place: ContractLog['place'],
  name: string,
  value: bigint,
  subIndex: number,
): ParameterChange {
  return storable<ParameterChange>({
    ...place,
    subIndex,
    kind: 'parameter',
    type: 'ParameterChanged',
    market: '',
    name,
    value,
    valueText: value.toString(),
    baseKey: '',
    keyData: '',
    source: 'EVENT',
  });
}

/** What the reporter posted. The log has no time of observation. */
function priceUpdate(
  log: ContractLog<EventArgs<typeof pricePosted>>,
  token: LevelToken | null,
): OracleUpdate {
  return storable<OracleUpdate>({
    ...log.place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: log.args.token,
    symbol: token ? `${token.symbol} / USD` : '',
    provider: log.address,
    minPrice: log.args.price,
    maxPrice: log.args.price,
    priceDecimals: token ? 30 - token.decimals : null,
    delivery: 'PUSH',
    observedAt: null,
    timeIsBlockTime: false,
    details: {},
  });
}
