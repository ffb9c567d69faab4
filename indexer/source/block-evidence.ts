import type { QueryResponse } from '@envio-dev/hypersync-client';
import { CorruptDataError } from '../../schema/errors.ts';

/** A statement of the endpoint: block `number` has this hash. */
export interface BlockEvidence {
  readonly number: number;
  /** 0x + 64 lower-case hex. */
  readonly hash: string;
}

export type EvidenceVerdict =
  | { readonly kind: 'consistent' }
  | {
      readonly kind: 'conflict';
      /** Lowest block whose hash differs from what is stored. */
      readonly number: number;
      readonly knownHash: string;
      readonly seenHash: string;
    };

/**
 * Everything a page says about block hashes: the guard's last block, the parent of its first block in
 * the endpoint's memory, the block of every log, every header and its parent. There is no other sign
 * of a reorg: no notice, no `removed` log.
 * @throws CorruptDataError when the page contradicts itself (a page comes from one branch).
 */
export function evidenceOf(page: QueryResponse): BlockEvidence[] {
  const seen = new Map<number, string>();
  const say = (number: number | undefined, hash: string | undefined) => {
    if (number === undefined || hash === undefined || number < 0) return;
    const before = seen.get(number);
    if (before !== undefined && before !== hash) {
      throw new CorruptDataError('One HyperSync page names two hashes for one block.', {
        facts: { block: number, one: before, other: hash },
        remedy: 'Try another endpoint of this chain.',
      });
    }
    seen.set(number, hash);
  };
  for (const block of page.data.blocks) {
    say(block.number, block.hash);
    if (block.number !== undefined) say(block.number - 1, block.parentHash);
  }
  for (const log of page.data.logs) say(log.blockNumber, log.blockHash);
  const guard = page.rollbackGuard;
  if (guard) {
    say(guard.blockNumber, guard.hash);
    // Not the page's first block: the first one that can still be rolled back.
    say(guard.firstBlockNumber - 1, guard.firstParentHash);
  }
  return [...seen].map(([number, hash]) => ({ number, hash })).sort((a, b) => a.number - b.number);
}

/** Compares by number: right wherever the page starts, and whatever it happens to speak of. */
export function compareEvidence(
  known: ReadonlyMap<number, string>,
  evidence: readonly BlockEvidence[],
): EvidenceVerdict {
  for (const { number, hash } of evidence) {
    const knownHash = known.get(number);
    if (knownHash !== undefined && knownHash !== hash) {
      return { kind: 'conflict', number, knownHash, seenHash: hash };
    }
  }
  return { kind: 'consistent' };
}
