import type { QueryResponse, RollbackGuard } from '@envio-dev/hypersync-client';
import { describe, expect, it } from 'vitest';
import { compareEvidence, evidenceOf } from '../../../indexer/source/block-evidence.ts';
import { CorruptDataError } from '../../../schema/errors.ts';

const hash = (byte: string) => `0x${byte.repeat(32)}`;

function page(
  parts: Partial<QueryResponse['data']> & { readonly rollbackGuard?: RollbackGuard | undefined },
): QueryResponse {
  const { rollbackGuard, ...data } = parts;
  return {
    nextBlock: 0,
    totalExecutionTime: 0,
    data: { blocks: [], transactions: [], logs: [], traces: [], ...data },
    ...(rollbackGuard && { rollbackGuard }),
  };
}

describe('evidenceOf', () => {
  it('takes the guard, the parents, the headers and the logs', () => {
    const evidence = evidenceOf(
      page({
        blocks: [{ number: 5, hash: hash('05'), parentHash: hash('04') }],
        logs: [{ topics: [], blockNumber: 6, blockHash: hash('06') }],
        rollbackGuard: {
          blockNumber: 9,
          hash: hash('09'),
          timestamp: 1,
          firstBlockNumber: 8,
          firstParentHash: hash('07'),
        },
      }),
    );
    expect(evidence.map(({ number }) => number)).toEqual([4, 5, 6, 7, 9]);
    expect(evidence.at(-1)?.hash).toBe(hash('09'));
  });

  it('says nothing of a block below the first', () => {
    const genesis = { number: 0, hash: hash('aa'), parentHash: hash('00') };
    expect(evidenceOf(page({ blocks: [genesis], rollbackGuard: undefined }))).toEqual([
      { number: 0, hash: hash('aa') },
    ]);
  });

  it('refuses a page that contradicts itself', () => {
    const blocks = [
      { number: 5, hash: hash('05'), parentHash: hash('04') },
      { number: 6, hash: hash('06'), parentHash: hash('ff') },
    ];
    expect(() => evidenceOf(page({ blocks, rollbackGuard: undefined }))).toThrow(CorruptDataError);
  });
});

describe('compareEvidence', () => {
  const known = new Map([
    [4, hash('04')],
    [5, hash('05')],
  ]);

  it('agrees when every known number has the same hash', () => {
    const evidence = [
      { number: 5, hash: hash('05') },
      { number: 6, hash: hash('66') },
    ];
    expect(compareEvidence(known, evidence)).toEqual({ kind: 'consistent' });
  });

  it('names the lowest block that differs', () => {
    const evidence = [
      { number: 4, hash: hash('f4') },
      { number: 5, hash: hash('f5') },
    ];
    expect(compareEvidence(known, evidence)).toEqual({
      kind: 'conflict',
      number: 4,
      knownHash: hash('04'),
      seenHash: hash('f4'),
    });
  });
});
