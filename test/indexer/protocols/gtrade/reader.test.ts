import { describe, expect, it } from 'vitest';
import { gtrade } from '../../../../indexer/protocols/gtrade/index.ts';
import * as trades from '../../../../indexer/protocols/gtrade/trade-events.ts';
import type { KnownPosition } from '../../../../indexer/protocols/position-memory.ts';
import { EncodedChain, ID, INFO, PARAMS, type Sketch, TRADE } from './encoded-chain.ts';

const USD = 10n ** 30n;
const stored: Sketch = [
  trades.tradeStoredV92,
  { ...ID, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS },
];

describe('a run that continues', () => {
  it('reads a later close as an unbroken one does', () => {
    const close: readonly Sketch[] = [[trades.tradeClosedV92, { ...ID, isPnlPositive: true }]];
    const whole = new EncodedChain();
    whole.transaction(stored);
    const unbroken = whole.transaction(...close);
    const first = new EncodedChain();
    const [known] = first.transaction(stored).events as unknown as KnownPosition[];
    const second = new EncodedChain();
    second.reader.remember?.([known!]);
    second.transaction();
    expect(second.transaction(...close).events).toEqual(unbroken.events);
    expect(unbroken.events).toMatchObject([
      { type: 'PositionClosed', sizeDeltaUsd: -1_000n * USD },
    ]);
  });
});

describe('what is known of a chain', () => {
  it('is said, and what is missing', () => {
    const facts = gtrade.knownOn(42161);
    expect(facts.find(({ subject }) => subject === 'pairs')?.text).toContain('452 names');
    expect(facts.some(({ isKnown }) => !isKnown)).toBe(true);
    expect(gtrade.knownOn(1)).toEqual([]);
    expect(gtrade.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
  });
});
