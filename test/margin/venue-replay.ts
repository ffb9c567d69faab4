import type { ProtocolAdapter } from '../../indexer/protocols/protocol-adapter.ts';
import { feedKey, type PriceRange } from '../../margin/inputs.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { OrderEvent, PositionEvent } from '../../schema/events/position.ts';
import {
  readArchiveLogs,
  readArchiveManifest,
  readArchiveSenders,
} from '../fixtures/read-archive.ts';

/** A venue as folded so far: what held after the last event that was applied. */
export interface World<Position, Market> {
  readonly positions: ReadonlyMap<string, Position>;
  readonly markets: ReadonlyMap<string, Market>;
  readonly parameters: ReadonlyMap<string, bigint>;
  readonly prices: ReadonlyMap<string, PriceRange>;
}

export interface ReplayRequest<Position, Market> {
  readonly archive: string;
  readonly rules: VenueRules<Position, Market>;
  /** The venue's own adapter and those of the oracles that it reads. */
  readonly adapters: readonly ProtocolAdapter[];
  /** The world as a position event finds it: market events of its transaction applied. */
  onPosition?(
    event: PositionEvent,
    before: Position,
    world: World<Position, Market>,
    transaction: readonly DomainEvent[],
  ): void;
  /** The world as an order event finds it, in the same way. */
  onOrder?(event: OrderEvent, world: World<Position, Market>): void;
  /** The world at the end of a block that had events, and of every block asked for in `blocks`. */
  onBlock?(block: number, world: World<Position, Market>): void;
  readonly blocks: ReadonlySet<number>;
}

/** Reads an archive with the real adapters and folds it with the venue's rules, block by block. */
export async function replayVenue<Position, Market>(
  request: ReplayRequest<Position, Market>,
): Promise<World<Position, Market>> {
  const events = await eventsOf(request.archive, request.adapters);
  const fold = new Fold(request);
  const blocks = new Set([...events.map((event) => event.blockNumber), ...request.blocks]);
  let next = 0;
  for (const block of [...blocks].sort((a, b) => a - b)) {
    const from = next;
    while (events[next]?.blockNumber === block) next += 1;
    for (const transaction of byTransaction(events.slice(from, next))) fold.apply(transaction);
    request.onBlock?.(block, fold);
  }
  return fold;
}

async function eventsOf(
  archive: string,
  adapters: readonly ProtocolAdapter[],
): Promise<DomainEvent[]> {
  const manifest = readArchiveManifest(archive);
  const [logs, senders] = await Promise.all([
    readArchiveLogs(archive),
    readArchiveSenders(archive),
  ]);
  const { chainId, chain } = manifest;
  const events = adapters.flatMap((adapter) => {
    const reader = adapter.readerFor({ chainId, chain, manifest });
    if (!reader) throw new Error(`${adapter.venue} has no reader for ${archive}`);
    const { events: logged, deadLetters } = reader.normalize(logs, senders);
    if (deadLetters.length > 0) throw new Error(`dead letters: ${deadLetters[0]?.reason}`);
    return [...reader.initialEvents(), ...logged];
  });
  return events.sort(
    (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex || a.subIndex - b.subIndex,
  );
}

function byTransaction(events: readonly DomainEvent[]): DomainEvent[][] {
  const transactions: DomainEvent[][] = [];
  for (const event of events) {
    const last = transactions.at(-1);
    if (last?.[0]?.transactionHash === event.transactionHash) last.push(event);
    else transactions.push([event]);
  }
  return transactions;
}

class Fold<Position, Market> implements World<Position, Market> {
  readonly positions = new Map<string, Position>();
  readonly markets = new Map<string, Market>();
  readonly parameters = new Map<string, bigint>();
  readonly prices = new Map<string, PriceRange>();
  readonly #open = new Set<string>();
  readonly #request: ReplayRequest<Position, Market>;

  constructor(request: ReplayRequest<Position, Market>) {
    this.#request = request;
  }

  apply(transaction: readonly DomainEvent[]): void {
    for (const event of transaction) {
      if (event.kind === 'oracle') {
        const price = { min: event.minPrice, max: event.maxPrice };
        this.prices.set(feedKey(event.venue, event.token), price);
      } else if (event.kind === 'parameter') {
        const change = this.#request.rules.parameterOf(event);
        if (change) this.parameters.set(change.key, change.value);
      } else if (event.kind === 'market') {
        const { rules } = this.#request;
        const named = event.market === '' ? [...this.markets.keys()] : [event.market];
        for (const market of named) {
          const before = this.markets.get(market) ?? rules.initialMarket(market);
          this.markets.set(market, rules.evolveMarket(before, event, this));
        }
      }
    }
    for (const event of transaction) {
      if (event.kind === 'order') this.#request.onOrder?.(event, this);
      if (event.kind === 'position') this.#applyPosition(event, transaction);
    }
  }

  #applyPosition(event: PositionEvent, transaction: readonly DomainEvent[]): void {
    const { rules, onPosition } = this.#request;
    const key = event.positionKey;
    const last = this.#open.has(key) ? this.positions.get(key) : undefined;
    const before = last ?? rules.initialPosition(event);
    onPosition?.(event, before, this, transaction);
    this.positions.set(key, rules.evolvePosition(before, event, this.markets.get(event.market)));
    if (event.sizeUsd === 0n) this.#open.delete(key);
    else this.#open.add(key);
  }
}
