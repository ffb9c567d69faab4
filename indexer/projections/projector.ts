import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { DerivedTable, EventStore, Row } from '../store/event-store.ts';
import { type BlockEvents, groupByBlock, type TransactionEvents } from './block-events.ts';
import { InForce } from './in-force.ts';
import { LiquidationProjection } from './liquidations.ts';
import { MarketProjection } from './markets.ts';
import { OpenInterestProjection } from './open-interest.ts';
import { PositionProjection, type PositionRecord } from './positions.ts';

/**
 * Raised by one whenever the same events would make other rows of the projection tables, and no
 * version of an adapter or of a venue's rules says so: stores made before are then projected again.
 */
export const PROJECTION_VERSION = 1;

/**
 * Folds domain events, whole blocks in chain order, into the projection tables. The fold state
 * lives in memory and is restored from the tables themselves, so that a run continued after a
 * restart writes the same rows as one that never stopped.
 */
export class Projector {
  readonly #inForce = new InForce();
  readonly #positions = new PositionProjection();
  readonly #markets = new MarketProjection();
  readonly #openInterest = new OpenInterestProjection();
  readonly #liquidations = new LiquidationProjection();

  /** A projector that continues after the last committed block of the chain. */
  static async restore(store: EventStore, chainId: number): Promise<Projector> {
    const projector = new Projector();
    await projector.#inForce.restore(store, chainId);
    await projector.#positions.restore(store, chainId);
    await projector.#markets.restore(store, chainId);
    await projector.#openInterest.restore(store, chainId, projector.#positions.openPositions());
    await projector.#liquidations.restore(store, chainId);
    return projector;
  }

  /** The last state of every position, open or closed, for readers that name positions by key. */
  positions(): PositionRecord[] {
    return this.#positions.all();
  }

  /** Rows of the projection tables that the events cause. `senders`: transaction hash → from. */
  apply(
    events: readonly DomainEvent[],
    senders: ReadonlyMap<string, string>,
  ): ReadonlyMap<DerivedTable, Row[]> {
    for (const block of groupByBlock(events, senders)) this.#applyBlock(block);
    return new Map<DerivedTable, Row[]>([
      ['position_states', this.#positions.drain()],
      ['market_states', this.#markets.drain()],
      ['open_interest', this.#openInterest.drain()],
      ['liquidations', this.#liquidations.drain()],
    ]);
  }

  #applyBlock(block: BlockEvents): void {
    for (const transaction of block.transactions) this.#applyTransaction(transaction);
    this.#openInterest.finishBlock();
    this.#markets.finishBlock((venue, market, isLong) =>
      this.#openInterest.totalOf(venue, market, isLong),
    );
  }

  #applyTransaction(transaction: TransactionEvents): void {
    for (const event of transaction.events) {
      if (event.kind === 'market') {
        this.#markets.apply(event, this.#inForce.contextOf(event.venue));
        this.#openInterest.applyMarketEvent(event);
      } else if (event.kind === 'oracle') {
        this.#liquidations.observe(event);
      }
      this.#inForce.apply(event);
    }
    const transitions = this.#positions.applyTransaction(transaction, (venue, market) =>
      this.#markets.stateOf(venue, market),
    );
    for (const transition of transitions) {
      this.#openInterest.applyTransition(transition);
      const { venue, market } = transition.event;
      const indexFeed = this.#markets.indexFeedOf(venue, market);
      this.#liquidations.applyTransition(transition, transaction, indexFeed);
    }
  }
}
