import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { OrderEvent } from '../../../schema/events/position.ts';
import {
  type ContractLog,
  type HandlerTable,
  handlerTable,
  ignore,
  on,
} from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import * as events from './events.ts';
import {
  feesCharged,
  marginChanged,
  marketDetails,
  marketEvent,
  marketListed,
  nameOf,
  parameterChanged,
  positionKeyOf,
} from './facts.ts';
import type { BfpManifest } from './manifest.ts';
import { type AccountsByOwner, accountOfMargin, marketOfMargin } from './margin-owner.ts';
import { type PositionContext, positionHandlers } from './normalize-positions.ts';

export interface BfpContext extends PositionContext {
  readonly manifest: BfpManifest;
  readonly accounts: AccountsByOwner;
}

export function bfpHandlers(context: BfpContext): HandlerTable {
  return handlerTable([
    ...positionHandlers(context),
    ...marginHandlers(context),
    ...marketHandlers(context),
    ...orderHandlers(context),
    on(events.accountsMerged, movesAccounts),
    on(events.accountSplit, movesAccounts),
    ...ignore(events.IGNORED_EVENTS),
  ]);
}

/** @throws DecodeError always: what moved between the accounts is in no log. */
function movesAccounts(
  log: ContractLog<{ readonly fromId: bigint; readonly toId: bigint; readonly marketId: bigint }>,
): null {
  const { fromId, toId, marketId } = log.args;
  throw new DecodeError(
    `${log.name}: positions of accounts ${fromId} and ${toId} in market ${marketId} are unknown from here on`,
  );
}

type Moved = EventArgs<typeof events.marginDeposit>;

function marginHandlers(context: BfpContext) {
  const moved = (log: ContractLog<Moved>, mover: string, sign: bigint) => {
    const marketId = marketOfMargin(log);
    const accountId = accountOfMargin(log, marketId, mover, context.accounts);
    return marginChanged(log.place, {
      marketId,
      accountId,
      token: log.args.collateralAddress,
      delta: sign * log.args.value,
      cause: 'moved',
      details: { mover },
    });
  };
  return [
    on(events.marginDeposit, (log) => moved(log, log.args.from, 1n)),
    on(events.marginWithdraw, (log) => moved(log, log.args.to, -1n)),
    on(events.debtPaid, ({ args, place }) =>
      marginChanged(place, {
        marketId: args.marketId,
        accountId: args.accountId,
        token: context.usdToken,
        // Margin less debt: what comes from the margin changes nothing, the rest came from outside.
        delta: args.oldDebt - args.newDebt - args.paidFromUsdCollateral,
        cause: 'debtPaid',
        details: { debt: args.newDebt.toString() },
      }),
    ),
    on(events.positionFlagged, (log) => flagged(log, context)),
    on(events.marginLiquidated, ({ args, place }) => {
      const { marketId, accountId, keeperReward } = args;
      const positionKey = positionKeyOf(accountId, marketId);
      const position = { positionKey, market: marketId.toString() };
      return [
        marginChanged(place, { marketId, accountId, token: '', delta: null, cause: 'taken' }),
        feesCharged({ ...place, subIndex: 1 }, position, { liquidationFee: keeperReward }),
      ];
    }),
  ];
}

function flagged(
  { args, place }: ContractLog<EventArgs<typeof events.positionFlagged>>,
  context: BfpContext,
): readonly DomainEvent[] {
  const { marketId, accountId, flagger, flagKeeperReward, flaggedPrice } = args;
  const details = {
    flagger,
    flagKeeperReward: flagKeeperReward.toString(),
    flaggedPrice: flaggedPrice.toString(),
  };
  const change = { marketId, accountId, token: '', delta: null, cause: 'flagged' } as const;
  return [
    orderEvent(context, place, 'PositionFlagged', args, { details }),
    marginChanged({ ...place, subIndex: 1 }, { ...change, details }),
  ];
}

function marketHandlers({ manifest }: BfpContext) {
  const configured = (place: ContractLog['place'], market: string) =>
    parameterChanged(
      place,
      { market, name: 'configuredAtBlock', value: BigInt(place.blockNumber) },
      'EVENT',
    );
  return [
    on(events.marketCreated, ({ args, place }) => {
      const market = args.id.toString();
      const symbol = nameOf(args.name);
      const details = { name: symbol, symbol, ...marketDetails(manifest, market) };
      return marketListed(place, market, details, 'EVENT');
    }),
    on(events.fundingRecomputed, ({ args, place }) =>
      marketEvent(place, 'FundingRateChanged', {
        market: args.marketId.toString(),
        value: args.fundingRate,
        details: {
          unit: '1e18 per day',
          skew: args.skew.toString(),
          fundingVelocity: args.fundingVelocity.toString(),
        },
      }),
    ),
    on(events.utilizationRecomputed, ({ args, place }) =>
      marketEvent(place, 'BorrowingRateChanged', {
        market: args.marketId.toString(),
        value: args.utilizationRate,
        details: { unit: '1e18 per year', skew: args.skew.toString() },
      }),
    ),
    on(events.marketSizeUpdated, (log) => sizeUpdated(log)),
    on(events.marketConfigured, ({ args, place }) => configured(place, args.marketId.toString())),
    on(events.globalMarketConfigured, ({ place }) => configured(place, '')),
    on(events.marginCollateralConfigured, ({ place }) => configured(place, '')),
  ];
}

/** size = long + short, skew = long − short, in index units. */
function sizeUpdated({
  args,
  place,
}: ContractLog<EventArgs<typeof events.marketSizeUpdated>>): readonly DomainEvent[] {
  const { marketId, size, skew } = args;
  const long = size + skew;
  const short = size - skew;
  if (long < 0n || short < 0n || long % 2n !== 0n) {
    throw new DecodeError(`a market of size ${size} with a skew of ${skew}`);
  }
  const market = marketId.toString();
  const side = (isLong: boolean, value: bigint, subIndex: number) =>
    marketEvent({ ...place, subIndex }, 'OpenInterestBaseChanged', { market, isLong, value });
  return [
    marketEvent(place, 'SkewChanged', { market, value: skew }),
    side(true, long / 2n, 1),
    side(false, short / 2n, 2),
  ];
}

function orderHandlers(context: BfpContext) {
  return [
    on(events.orderCommitted, ({ args, place }) =>
      orderEvent(context, place, 'OrderCreated', args, {
        requestedAt: timeOf(args.commitmentTime),
        details: {
          sizeDelta: args.sizeDelta.toString(),
          estimatedOrderFee: args.estimatedOrderFee.toString(),
          estimatedKeeperFee: args.estimatedKeeperFee.toString(),
          trackingCode: args.trackingCode,
        },
      }),
    ),
    on(events.orderCanceled, ({ args, place }) =>
      orderEvent(context, place, 'OrderCancelled', args, {
        requestedAt: timeOf(args.commitmentTime),
        details: { keeperFee: args.keeperFee.toString() },
      }),
    ),
  ];
}

/** @throws DecodeError for a number that is no time in seconds. */
function timeOf(seconds: bigint): number {
  if (seconds > 2n ** 40n) throw new DecodeError(`a time of ${seconds}`);
  return Number(seconds);
}

/** An account has one order in a market: position and order have one key. */
function orderEvent(
  context: BfpContext,
  place: ContractLog['place'],
  type: OrderEvent['type'],
  { accountId, marketId }: { readonly accountId: bigint; readonly marketId: bigint },
  fields: Partial<Pick<OrderEvent, 'requestedAt' | 'details'>>,
): OrderEvent {
  return {
    ...place,
    kind: 'order',
    type,
    orderKey: positionKeyOf(accountId, marketId),
    account: context.ownerOf(accountId),
    market: marketId.toString(),
    orderType: null,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n, // orders are for index units, at a price of later
    requestedAt: null,
    reason: '',
    ...fields,
    details: { accountId: accountId.toString(), ...fields.details },
  };
}
