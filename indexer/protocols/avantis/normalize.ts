import type { RawLogBatch } from '../../../schema/raw-log.ts';
import {
  type HandlerTable,
  handlerTable,
  ignore,
  normalizeContractLogs,
  on,
} from '../abi/contract-logs.ts';
import { rememberingHandlers } from '../abi/remembering-handlers.ts';
import type { PositionMemory } from '../position-memory.ts';
import type { NormalizedBatch, Senders } from '../protocol-adapter.ts';
import { VENUE } from './contracts.ts';
import * as events from './events.ts';
import { normalizeExecution } from './executions.ts';
import { closeFees, publicCloseFees, storageFees } from './fees.ts';
import { ignoredEvents } from './ignored-events.ts';
import { marginChange, marginRequest } from './margin-updates.ts';
import {
  liquidationThreshold,
  pairListed,
  priceAnswered,
  rolloverAccrued,
  rolloverRate,
} from './market-events.ts';
import { closeCancelled, limitRequested, marketRequested, openCancelled } from './orders.ts';

/** Every version of every event, with what it means; `memory` learns from the positions. */
export function avantisHandlers(memory: PositionMemory): HandlerTable {
  return handlerTable(
    rememberingHandlers(
      [
        on(events.marketExecutedIsPnl, (log) => normalizeExecution(log, memory)),
        on(events.marketExecutedPlain, (log) => normalizeExecution(log, memory)),
        on(events.marketExecutedTimed, (log) => normalizeExecution(log, memory)),
        on(events.limitExecutedIsPnl, (log) => normalizeExecution(log, memory)),
        on(events.limitExecutedPlain, (log) => normalizeExecution(log, memory)),
        on(events.limitExecutedTimed, (log) => normalizeExecution(log, memory)),
        on(events.marginUpdated, (log) => marginChange(log, memory)),
        on(events.marginUpdateInitiated, (log) => marginRequest(log, memory)),
        on(events.feesChargedOnClose, closeFees),
        on(events.feesChargedPublic, publicCloseFees),
        on(events.feesChargedByStorage, storageFees),
        on(events.accRolloverFeesStored, rolloverAccrued),
        // The position event of the same transaction takes it: `initialAccRollover`.
        on(events.tradeInitialAccFeesStored, () => null),
        on(events.rolloverFeePerBlockPUpdated, rolloverRate),
        on(events.liqThresholdUpdated, liquidationThreshold),
        on(events.priceReceived, priceAnswered),
        on(events.pairAddedNamed, ({ args, place }) => pairListed(place, args, {})),
        on(events.pairAddedByFeed, ({ args: { index, feedId }, place }) =>
          pairListed(place, { index, from: '', to: '' }, { feedId }),
        ),
        on(events.pairDataUpdated, ({ args: { pairIndex, from, to }, place }) =>
          pairListed(place, { index: pairIndex, from, to }, {}),
        ),
        on(events.marketOrderInitiatedFirst, marketRequested),
        on(events.marketOrderInitiatedWithSide, marketRequested),
        on(events.marketOrderInitiatedWithSize, marketRequested),
        on(events.limitOrderInitiated, limitRequested),
        on(events.marketOpenCanceled, openCancelled),
        on(events.marketOpenCanceledTimed, openCancelled),
        on(events.marketCloseCanceled, closeCancelled),
        ...ignore(ignoredEvents),
      ],
      memory,
    ),
  );
}

export function normalizeAvantis(
  batch: RawLogBatch,
  contracts: ReadonlySet<string>,
  handlers: HandlerTable,
  senders?: Senders,
): NormalizedBatch {
  return normalizeContractLogs(
    batch,
    {
      venue: VENUE,
      isOurs: (address) => contracts.has(address),
      unknownTopics: 'DEAD_LETTER',
      handlers,
    },
    senders,
  );
}
