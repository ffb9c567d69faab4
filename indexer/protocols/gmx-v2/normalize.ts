import type { DeadLetter } from '../../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import type { RawLogBatch } from '../../../schema/raw-log.ts';
import { deadLetterOf, placeOf } from '../abi/contract-logs.ts';
import type { NormalizedBatch } from '../protocol-adapter.ts';
import { VENUE } from './contracts.ts';
import { decodeEventLog, eventNameHash, isEventLogEnvelope } from './decode.ts';
import { EventFields } from './event-fields.ts';
import * as markets from './normalize-markets.ts';
import * as parameters from './normalize-parameters.ts';
import * as positions from './normalize-positions.ts';
import type { GmxToken } from './tokens.ts';

type Normalizer = (
  fields: EventFields,
  place: EventPlace,
  chain: NormalizerContext,
) => DomainEvent | readonly DomainEvent[];

export interface NormalizerContext {
  /** Lower-case address of the chain's EventEmitter. */
  readonly eventEmitter: string;
  /** Providers that stamp the block's own time on a price. */
  readonly blockTimeProviders: ReadonlySet<string>;
  /** Tokens whose decimals are known, by address. */
  readonly tokens: ReadonlyMap<string, GmxToken>;
}

const counter = (shape: markets.CounterShape): Normalizer => {
  return (fields, place) => markets.marketCounter(shape, fields, place);
};
const sideCounter = { token: 'collateralToken', hasSide: true, valueKey: 'nextValue' } as const;
const poolCounter = { hasSide: false, delta: 'int', value: 'uint', valueKey: 'nextValue' } as const;
const perSize = { ...sideCounter, delta: 'uint', value: 'uint', valueKey: 'value' } as const;

/** Every event kept, by the name the contracts give it. All others are counted as ignored. */
const NORMALIZERS: Readonly<Record<string, Normalizer>> = {
  PositionIncrease: positions.positionIncrease,
  PositionDecrease: positions.positionDecrease,
  PositionFeesCollected: (f, p) => positions.positionFees('FeesCharged', f, p),
  PositionFeesInfo: (f, p) => positions.positionFees('FeesDue', f, p),
  InsolventClose: positions.insolventClose,
  InsufficientFundingFeePayment: positions.fundingShortfall,
  PositionCollateralUsedForExecutionFee: positions.collateralUsedForExecutionFee,
  OrderCreated: positions.orderCreated,
  OrderUpdated: positions.orderUpdated,
  OrderSizeDeltaAutoUpdated: positions.orderSizeDeltaAutoUpdated,
  OrderCollateralDeltaAmountAutoUpdated: positions.orderCollateralDeltaAutoUpdated,
  OrderExecuted: (f, p) => positions.orderEnded('OrderExecuted', f, p),
  OrderCancelled: (f, p) => positions.orderEnded('OrderCancelled', f, p),
  OrderFrozen: (f, p) => positions.orderEnded('OrderFrozen', f, p),
  KeeperExecutionFee: (f, p) => positions.executionFee('KeeperFeePaid', f, p),
  ExecutionFeeRefund: (f, p) => positions.executionFee('ExecutionFeeRefunded', f, p),
  OraclePriceUpdate: (f, p, chain) => markets.oraclePriceUpdate(chain, f, p),
  MarketCreated: markets.marketCreated,
  AdlStateUpdated: markets.adlState,
  Borrowing: (f, p) => markets.marketRate('BorrowingRateChanged', f, p),
  Funding: (f, p) => markets.marketRate('FundingRateChanged', f, p),
  MarketPoolValueUpdated: markets.marketPoolValue,
  VirtualSwapInventoryUpdated: markets.virtualSwapInventory,
  VirtualPositionInventoryUpdated: markets.virtualPositionInventory,
  CumulativeBorrowingFactorUpdated: counter({
    ...sideCounter,
    type: 'BorrowingFactorAccrued',
    token: '',
    delta: 'uint',
    value: 'uint',
  }),
  FundingFeeAmountPerSizeUpdated: counter({ ...perSize, type: 'FundingPerSizeAccrued' }),
  ClaimableFundingAmountPerSizeUpdated: counter({
    ...perSize,
    type: 'ClaimableFundingPerSizeAccrued',
  }),
  ClaimableFundingUpdated: counter({
    ...poolCounter,
    type: 'ClaimableFundingChanged',
    token: 'token',
    delta: 'uint',
  }),
  OpenInterestUpdated: counter({
    ...sideCounter,
    type: 'OpenInterestUsdChanged',
    delta: 'int',
    value: 'uint',
  }),
  OpenInterestInTokensUpdated: counter({
    ...sideCounter,
    type: 'OpenInterestBaseChanged',
    delta: 'int',
    value: 'uint',
  }),
  CollateralSumUpdated: counter({
    ...sideCounter,
    type: 'CollateralSumChanged',
    delta: 'int',
    value: 'uint',
  }),
  PoolAmountUpdated: counter({ ...poolCounter, type: 'PoolAmountChanged', token: 'token' }),
  SwapImpactPoolAmountUpdated: counter({
    ...poolCounter,
    type: 'SwapImpactPoolChanged',
    token: 'token',
  }),
  PositionImpactPoolAmountUpdated: counter({
    ...poolCounter,
    type: 'ImpactPoolChanged',
    token: '',
  }),
  LentPositionImpactPoolAmountUpdated: counter({
    ...poolCounter,
    type: 'LentImpactPoolChanged',
    token: '',
  }),
  TotalPendingImpactAmountUpdated: counter({
    ...poolCounter,
    type: 'PendingImpactChanged',
    token: '',
    value: 'int',
  }),
  SetUint: (f, p) => parameters.setParameter('uint', f, p),
  SetInt: (f, p) => parameters.setParameter('int', f, p),
  SetBool: (f, p) => parameters.setParameter('bool', f, p),
  SetAddress: (f, p) => parameters.setParameter('address', f, p),
  SetBytes32: (f, p) => parameters.setParameter('bytes32', f, p),
  SetOracleProviderForToken: parameters.oracleProviderSet,
  InitOracleProviderForToken: parameters.oracleProviderSet,
  SetPositionImpactPoolDistributionRate: parameters.impactPoolDistributionSet,
};

/** topics[1] → normalizer: a log we do not keep is recognised without decoding it. */
const NORMALIZERS_BY_HASH: ReadonlyMap<string, Normalizer> = new Map(
  Object.entries(NORMALIZERS).map(([name, normalizer]) => [eventNameHash(name), normalizer]),
);

/**
 * Logs of the emitter → domain events, in the order of the batch. Pure; never throws on bad bytes.
 * Rows of other addresses belong to other venues and are not counted.
 */
export function normalizeBatch(batch: RawLogBatch, chain: NormalizerContext): NormalizedBatch {
  const events: DomainEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  let ignored = 0;
  for (let row = 0; row < batch.length; row++) {
    const address = batch.address[row] ?? '';
    if (address !== chain.eventEmitter) continue;
    const topics = batch.topics[row] ?? [];
    const normalizer = NORMALIZERS_BY_HASH.get(topics[1] ?? '');
    if (!isEventLogEnvelope(topics) || (normalizer === undefined && topics.length > 1)) {
      ignored++;
      continue;
    }
    const data = batch.data[row] ?? new Uint8Array();
    const place = placeOf(batch, row, VENUE);
    try {
      const event = decodeEventLog(topics, data);
      const normalized = normalizer?.(new EventFields(event), place, chain) ?? [];
      if (Array.isArray(normalized)) events.push(...normalized);
      else events.push(normalized as DomainEvent);
    } catch (error) {
      deadLetters.push(deadLetterOf({ place, address, topics, data }, error));
    }
  }
  return { events, deadLetters, ignored };
}
