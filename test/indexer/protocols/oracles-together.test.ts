import fc from 'fast-check';
import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../../indexer/protocols/registry.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import {
  argumentsOf,
  batchOf as encodedBatch,
  encodeLog,
} from '../../contracts/event-arguments.ts';
import { abiOf } from '../../contracts/event-versions.contract.ts';
import { batchOf, readRecordedLogs } from '../../fixtures/oracles/log-batches.ts';

const ANSWER_UPDATED = toEventSelector('AnswerUpdated(int256,uint256,uint256)');
const oracles = adapters.filter(({ kind }) => kind === 'ORACLE');
const placeOf = ({ blockNumber, logIndex, subIndex }: DomainEvent) =>
  `${blockNumber}:${logIndex}:${subIndex}`;

describe('all oracles on one chain', () => {
  it.each([
    ['polygon', 137, 'polygon-50000000.ndjson.gz', 15],
    ['arbitrum', 42161, 'arbitrum-150000000.ndjson.gz', 0],
  ] as const)(
    'read their own logs of a whole block of %s and no other',
    (chain, chainId, file, updates) => {
      const batch = batchOf(readRecordedLogs(file));
      const read = oracles.flatMap((adapter) => {
        const reader = adapter.readerFor({ chainId, chain, manifest: null });
        return reader ? [reader.normalize(batch)] : [];
      });
      expect(read.flatMap(({ deadLetters }) => deadLetters)).toEqual([]);
      expect(read.flatMap(({ events }) => events)).toHaveLength(updates);
      const answers = batch.topics.filter(([topic]) => topic === ANSWER_UPDATED);
      expect(answers).toHaveLength(updates);
    },
  );

  it('never tell one log twice', () => {
    const contract = '0xff1a0f4744e8582df1ae09d5611b887b6a12925c';
    const anyLog = fc
      .constantFrom(...abiOf('oracles'))
      .chain((event) => argumentsOf(event).map((values) => encodeLog(event, values)));
    fc.assert(
      fc.property(fc.array(anyLog, { minLength: 1, maxLength: 12 }), (logs) => {
        const batch = encodedBatch(logs, { chainId: 42161, address: contract });
        const events = oracles.flatMap((adapter) => {
          const context = { chainId: 42161, chain: 'arbitrum', manifest: null };
          return adapter.readerFor(context)?.normalize(batch).events ?? [];
        });
        expect(new Set(events.map(placeOf)).size).toBe(events.length);
      }),
    );
  });
});
