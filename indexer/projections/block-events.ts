import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { EventPlace } from '../../schema/events/place.ts';

/** Everything one transaction said, in log order. */
export interface TransactionEvents {
  readonly transactionHash: string;
  readonly sender: string;
  readonly events: readonly DomainEvent[];
}

/** Everything one block said. Projections see whole blocks only. */
export interface BlockEvents {
  readonly blockNumber: number;
  readonly transactions: readonly TransactionEvents[];
}

/** Chain order: block, then log, then sub-index. */
export function compareByPlace(a: EventPlace, b: EventPlace): number {
  return a.blockNumber - b.blockNumber || a.logIndex - b.logIndex || a.subIndex - b.subIndex;
}

/** Cuts events in chain order into blocks and transactions. `senders`: transaction hash → from. */
export function groupByBlock(
  events: readonly DomainEvent[],
  senders: ReadonlyMap<string, string>,
): BlockEvents[] {
  const blocks: {
    blockNumber: number;
    transactions: { transactionHash: string; sender: string; events: DomainEvent[] }[];
  }[] = [];
  for (const event of events) {
    let block = blocks.at(-1);
    if (block?.blockNumber !== event.blockNumber) {
      block = { blockNumber: event.blockNumber, transactions: [] };
      blocks.push(block);
    }
    let transaction = block.transactions.at(-1);
    if (transaction?.transactionHash !== event.transactionHash) {
      transaction = {
        transactionHash: event.transactionHash,
        sender: senders.get(event.transactionHash) ?? '',
        events: [],
      };
      block.transactions.push(transaction);
    }
    transaction.events.push(event);
  }
  return blocks;
}
