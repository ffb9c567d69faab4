import type { MarketEvent } from './market.ts';
import type { OracleUpdate } from './oracle.ts';
import type { ParameterChange } from './parameter.ts';
import type { FeeEvent, OrderEvent, PositionEvent } from './position.ts';

/** The facts Bulkhead keeps, told apart by `kind`. Each kind has a table of its own. */
export type DomainEvent =
  | PositionEvent
  | FeeEvent
  | OrderEvent
  | MarketEvent
  | OracleUpdate
  | ParameterChange;
