import { gmxV2 } from '../../indexer/protocols/gmx-v2/index.ts';
import { feedKey, type Parameters, type PriceRange, type Prices } from '../../margin/inputs.ts';
import type { GmxV2Market } from '../../margin/rules/gmx-v2/market-state.ts';
import type { GmxV2Position } from '../../margin/rules/gmx-v2/position-state.ts';
import { gmxV2Rules } from '../../margin/rules/gmx-v2/rules.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../schema/events/position.ts';
import { readArchiveLogs, readArchiveManifest } from '../fixtures/read-archive.ts';

/** Values a key took, each with the block that gave it, in order. */
class History<T> {
  readonly #changes: { readonly block: number; readonly value: T }[] = [];

  push(block: number, value: T): void {
    this.#changes.push({ block, value });
  }

  get last(): T | undefined {
    return this.#changes.at(-1)?.value;
  }

  /** Value at the end of `block`. */
  at(block: number): T | undefined {
    return this.#changes.findLast((change) => change.block <= block)?.value;
  }
}

class Histories<T> {
  readonly byKey = new Map<string, History<T>>();

  of(key: string): History<T> {
    const known = this.byKey.get(key) ?? new History<T>();
    this.byKey.set(key, known);
    return known;
  }

  at(block: number): Map<string, T> {
    const values = new Map<string, T>();
    for (const [key, history] of this.byKey) {
      const value = history.at(block);
      if (value !== undefined) values.set(key, value);
    }
    return values;
  }
}

/** A liquidation as the log tells it, with the state of the moment just before it. */
export interface RealisedLiquidation {
  readonly event: PositionEvent;
  readonly position: GmxV2Position;
  /** Funding and borrowing already brought up to the block's second by the same transaction. */
  readonly market: GmxV2Market;
  readonly prices: Prices;
  readonly parameters: Parameters;
  readonly fees: readonly FeeEvent[];
}

/** An archive folded by the rules, with every state it went through. */
export interface Timeline {
  readonly positions: Histories<GmxV2Position>;
  readonly markets: Histories<GmxV2Market>;
  readonly liquidations: readonly RealisedLiquidation[];
  pricesAt(block: number): Prices;
  parametersAt(block: number): Parameters;
}

/** Folds every event of an archive folder with the GMX V2 rules, in chain order. */
export async function readTimeline(archive: string): Promise<Timeline> {
  const manifest = readArchiveManifest(archive);
  const { chainId, chain } = manifest;
  const reader = gmxV2.readerFor({ chainId, chain, manifest });
  if (!reader) throw new Error(`no reader for ${archive}`);
  const logged = reader.normalize(await readArchiveLogs(archive));
  if (logged.deadLetters.length > 0) throw new Error('the archive has dead letters');
  const events = [...reader.initialEvents(), ...logged.events].sort(
    (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex || a.subIndex - b.subIndex,
  );
  return new Fold().run(events);
}

class Fold {
  readonly positions = new Histories<GmxV2Position>();
  readonly markets = new Histories<GmxV2Market>();
  readonly prices = new Histories<PriceRange>();
  readonly parameters = new Histories<bigint>();
  readonly liquidations: RealisedLiquidation[] = [];
  readonly #fees = new Map<string, FeeEvent[]>();
  readonly #now = { parameters: new Map<string, bigint>(), prices: new Map<string, PriceRange>() };
  /** Market state at the first borrowing accrual of a transaction and after: before size changes. */
  readonly #accrued = new Map<string, GmxV2Market>();

  run(events: readonly DomainEvent[]): Timeline {
    for (const event of events) this.#apply(event);
    const { positions, markets, prices, parameters, liquidations } = this;
    return {
      positions,
      markets,
      liquidations,
      pricesAt: (block) => prices.at(block),
      parametersAt: (block) => parameters.at(block),
    };
  }

  #apply(event: DomainEvent): void {
    const block = event.blockNumber;
    if (event.kind === 'oracle') {
      const price = { min: event.minPrice, max: event.maxPrice };
      const feed = feedKey(event.venue, event.token);
      this.#now.prices.set(feed, price);
      this.prices.of(feed).push(block, price);
    } else if (event.kind === 'parameter') {
      const change = gmxV2Rules.parameterOf(event);
      if (!change) return;
      this.#now.parameters.set(change.key, change.value);
      this.parameters.of(change.key).push(block, change.value);
    } else if (event.kind === 'market') {
      const history = this.markets.of(event.market);
      const before = history.last ?? gmxV2Rules.initialMarket(event.market);
      const after = gmxV2Rules.evolveMarket(before, event, this.#now);
      history.push(block, after);
      if (event.type === 'BorrowingRateChanged') this.#accrued.set(event.market, after);
    } else if (event.kind === 'fee') {
      this.#fees.set(event.orderKey, [...(this.#fees.get(event.orderKey) ?? []), event]);
    } else if (event.kind === 'position') {
      this.#applyPosition(event);
    }
  }

  #applyPosition(event: PositionEvent): void {
    const history = this.positions.of(event.positionKey);
    const last = history.last;
    const before = last && last.sizeInUsd > 0n ? last : gmxV2Rules.initialPosition(event);
    if (event.type === 'PositionLiquidated') {
      this.liquidations.push({
        event,
        position: before,
        market: this.#accrued.get(event.market)!,
        prices: new Map(this.#now.prices),
        parameters: new Map(this.#now.parameters),
        fees: this.#fees.get(event.orderKey) ?? [],
      });
    }
    history.push(event.blockNumber, gmxV2Rules.evolvePosition(before, event));
  }
}
