import { parseAbiItem, toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  handlerTable,
  ignore,
  normalizeContractLogs,
  on,
  siblings,
  topicsOf,
} from '../../../../indexer/protocols/abi/contract-logs.ts';
import { DecodeError } from '../../../../indexer/protocols/abi/decode-error.ts';
import type { MarketEvent } from '../../../../schema/events/market.ts';
import type { EventPlace } from '../../../../schema/events/place.ts';
import { batchOf, encodeLog } from '../../../contracts/event-arguments.ts';

const CONTRACT = `0x${'11'.repeat(20)}`;
const moved = parseAbiItem('event Moved(uint256 indexed market, int256 by)');
const noted = parseAbiItem('event Noted(uint256 indexed market)');
const dull = parseAbiItem('event Dull(uint256 value)');

const marketEvent = (place: EventPlace, market: bigint, value: bigint): MarketEvent => ({
  ...place,
  kind: 'market',
  type: 'ImpactPoolChanged',
  market: market.toString(),
  token: '',
  isLong: null,
  delta: null,
  value,
  details: {},
});

const handlers = handlerTable([
  on(moved, ({ args, place, transaction }) => {
    if (args.by === 13n) throw new DecodeError('thirteen');
    if (args.by === 14n) throw new TypeError('a fault');
    const notes = siblings(transaction, noted).length;
    return marketEvent(place, args.market, args.by + BigInt(notes));
  }),
  on(noted, () => null),
  ...ignore([dull]),
]);

const read = (
  logs: Parameters<typeof batchOf>[0],
  unknownTopics: 'DEAD_LETTER' | 'IGNORE' = 'DEAD_LETTER',
  isOneTransaction = false,
) =>
  normalizeContractLogs(batchOf(logs, { chainId: 1, address: CONTRACT, isOneTransaction }), {
    venue: 'test',
    isOurs: (address) => address === CONTRACT,
    unknownTopics,
    handlers,
  });

const move = (by: bigint) => encodeLog(moved, { market: 7n, by });
const note = encodeLog(noted, { market: 7n });

describe('normalizeContractLogs', () => {
  it('hands each log the whole of its own transaction, also what comes after it', () => {
    const together = read([move(1n), note, note], 'DEAD_LETTER', true);
    expect(together.events).toMatchObject([{ value: 3n, market: '7', logIndex: 0 }]);
    const apart = read([move(1n), note, note]);
    expect(apart.events).toMatchObject([{ value: 1n }]);
    expect(apart.ignored).toBe(2);
  });

  it('counts events that hold no fact as ignored, and logs of other contracts not at all', () => {
    expect(read([encodeLog(dull, { value: 1n })])).toEqual({
      events: [],
      deadLetters: [],
      ignored: 1,
    });
    const foreign = batchOf([move(1n)], { chainId: 1, address: `0x${'22'.repeat(20)}` });
    const result = normalizeContractLogs(foreign, {
      venue: 'test',
      isOurs: () => false,
      unknownTopics: 'DEAD_LETTER',
      handlers,
    });
    expect(result).toEqual({ events: [], deadLetters: [], ignored: 0 });
  });

  it('keeps a log whose handler refuses it, says when the fault is ours, and goes on', () => {
    const { events, deadLetters } = read([move(13n), move(14n), move(2n)]);
    expect(events).toHaveLength(1);
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['thirteen', 'adapter fault: a fault']);
    expect(deadLetters[0]).toMatchObject({ topics: move(13n).topics, data: move(13n).data });
  });

  it('names the topic of an unknown event where the contract is the venue’s own', () => {
    const topic = toEventSelector('Fresh(uint256)');
    const fresh = { topics: [topic], data: '0x' as const };
    expect(read([fresh]).deadLetters[0]?.reason).toContain(topic);
    expect(read([fresh], 'IGNORE')).toMatchObject({ deadLetters: [], ignored: 1 });
  });

  it('takes a known topic with another number of indexed parameters for an unknown version', () => {
    const one = { topics: move(1n).topics.slice(0, 1), data: move(1n).data };
    for (const unknownTopics of ['DEAD_LETTER', 'IGNORE'] as const) {
      const [letter] = read([one], unknownTopics).deadLetters;
      expect(letter?.reason).toMatch(/no known event version .* with 0 indexed parameters/);
    }
  });

  it('refuses two handlers that cannot be told apart, and names every topic once', () => {
    expect(() => handlerTable([...ignore([dull]), ...ignore([dull])])).toThrow('two handlers');
    expect(topicsOf(handlers)).toEqual([moved, noted, dull].map((event) => toEventSelector(event)));
  });
});
