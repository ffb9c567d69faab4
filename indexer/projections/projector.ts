import { setImmediate } from 'node:timers/promises';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { DerivedTable, EventStore, Row } from '../store/event-store.ts';
import { type BlockEvents, groupByBlock, type TransactionEvents } from './block-events.ts';
import { ChainHours } from './chain-hours.ts';
import { InForce } from './in-force.ts';
import { LiquidationLevels } from './liquidation-levels.ts';
import { LiquidationProjection } from './liquidations.ts';
import { type JudgedPosition, MarginSpreads } from './margin-spreads.ts';
import { MarketProjection } from './markets.ts';
import { OpenInterestProjection } from './open-interest.ts';
import { OracleHours } from './oracle-hours.ts';
import { type Instant, type Judgement, PositionJudge } from './position-judge.ts';
import { PositionProjection, type PositionRecord, type PositionTransition } from './positions.ts';

/**
 * Raised by one whenever the same events would make other rows of the projection tables, and no
 * version of an adapter or of a venue's rules says so: stores made before are then projected again.
 */
export const PROJECTION_VERSION = 2;

/** Judgements between two turns of the event loop: some ten milliseconds. */
const JUDGEMENTS_PER_TURN = 200;

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
  readonly #levels = new LiquidationLevels();
  readonly #spreads = new MarginSpreads();
  readonly #oracleHours = new OracleHours();
  readonly #hours = new ChainHours();
  readonly #judge = new PositionJudge(this.#inForce, (venue, market) =>
    this.#markets.stateOf(venue, market),
  );

  /** A projector that continues after the last committed block of the chain. */
  static async restore(store: EventStore, chainId: number): Promise<Projector> {
    const projector = new Projector();
    await projector.#inForce.restore(store, chainId);
    await projector.#positions.restore(store, chainId);
    await projector.#markets.restore(store, chainId);
    const open = projector.#positions.openPositions();
    await projector.#openInterest.restore(store, chainId, open);
    await projector.#liquidations.restore(store, chainId);
    await projector.#levels.restore(store, chainId, open);
    await projector.#spreads.restore(store, chainId);
    await projector.#oracleHours.restore(store, chainId);
    await projector.#hours.restore(store, chainId);
    return projector;
  }

  /** The last state of every position, open or closed, for readers that name positions by key. */
  positions(): PositionRecord[] {
    return this.#positions.all();
  }

  /**
   * Rows of the projection tables that the events cause. `senders`: transaction hash → from. One call at a
   * time: where a full hour passes, the event loop gets its turn between judgements.
   */
  async apply(
    events: readonly DomainEvent[],
    senders: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<DerivedTable, Row[]>> {
    for (const block of groupByBlock(events, senders)) await this.#applyBlock(block);
    return new Map<DerivedTable, Row[]>([
      ['position_states', this.#positions.drain()],
      ['market_states', this.#markets.drain()],
      ['open_interest', this.#openInterest.drain()],
      ['liquidations', this.#liquidations.drain()],
      ['liquidation_levels', this.#levels.drain()],
      ['margin_spreads', this.#spreads.drain()],
      ['oracle_hours', this.#oracleHours.drain()],
    ]);
  }

  async #applyBlock(block: BlockEvents): Promise<void> {
    const transitions: PositionTransition[] = [];
    for (const transaction of block.transactions) {
      transitions.push(...this.#applyTransaction(transaction));
    }
    this.#openInterest.finishBlock();
    this.#markets.finishBlock((venue, market, isLong) =>
      this.#openInterest.totalOf(venue, market, isLong),
    );
    const instant = instantOf(block);
    const judged = this.#levels.finishBlock(transitions, this.#judge, instant);
    if (!this.#hours.passes(instant.timestamp)) return;
    this.#oracleHours.endHours(instant);
    await this.#judgeAll(instant, judged);
  }

  /** A full hour has passed: every open position is looked at again, each once. */
  async #judgeAll(instant: Instant, known: ReadonlyMap<PositionRecord, Judgement>): Promise<void> {
    const markets = this.#levels.openByMarket();
    this.#spreads.writeEmptied(new Set(markets.keys()), instant);
    let judgements = 0;
    for (const positions of markets.values()) {
      const judged: JudgedPosition[] = [];
      for (const position of positions) {
        const judgement = known.get(position) ?? this.#judge.judge(position, instant);
        this.#levels.drift(position, judgement, instant);
        judged.push({ isLong: position.isLong, margin: judgement.margin });
        judgements += 1;
        if (judgements % JUDGEMENTS_PER_TURN === 0) await setImmediate();
      }
      const [market] = positions;
      if (market) this.#spreads.write(market, judged, instant);
    }
  }

  #applyTransaction(transaction: TransactionEvents): readonly PositionTransition[] {
    for (const event of transaction.events) {
      if (event.kind === 'market') {
        this.#markets.apply(event, this.#inForce.contextOf(event.venue));
        this.#openInterest.applyMarketEvent(event);
      } else if (event.kind === 'oracle') {
        this.#liquidations.observe(event);
        this.#oracleHours.observe(event);
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
    return transitions;
  }
}

/** A block of which nothing landed has no header, so its events (facts that no log states) have the time 0. */
function instantOf({ blockNumber, transactions }: BlockEvents): Instant {
  const event = transactions[0]?.events[0];
  return {
    chainId: event?.chainId ?? 0,
    block: blockNumber,
    timestamp: event?.blockTimestamp ?? 0,
  };
}
