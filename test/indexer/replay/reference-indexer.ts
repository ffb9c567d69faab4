/**
 * The smallest indexer that survives a change of branch: compare all evidence with the hashes kept,
 * find the common ancestor, roll back, go on. The reorg tests show with it what the guards and
 * headers of the replay let an indexer know.
 */
import type { FieldSelection, QueryResponse } from '@envio-dev/hypersync-client';
import type { connect } from './small-chain.ts';

export const REORG_FIELDS = {
  log: ['BlockNumber', 'BlockHash', 'LogIndex', 'TransactionHash', 'Data', 'Topic0'],
  block: ['Number', 'Hash', 'ParentHash'],
} satisfies FieldSelection;

type Log = QueryResponse['data']['logs'][number];

/** Every (block number, hash) that an answer vouches for. */
export function evidenceOf(answer: QueryResponse): (readonly [number, string])[] {
  const seen: [number, string][] = [];
  for (const block of answer.data.blocks) {
    seen.push([block.number!, block.hash!]);
    if (block.number! > 0) seen.push([block.number! - 1, block.parentHash!]);
  }
  for (const log of answer.data.logs) seen.push([log.blockNumber!, log.blockHash!]);
  const guard = answer.rollbackGuard;
  if (guard) {
    seen.push([guard.blockNumber, guard.hash]);
    if (guard.firstBlockNumber > 0) seen.push([guard.firstBlockNumber - 1, guard.firstParentHash]);
  }
  return seen;
}

export class ReferenceIndexer {
  cursor: number;
  logs: Log[] = [];
  readonly rollbacks: { readonly from: number; readonly to: number }[] = [];
  private head = Number.POSITIVE_INFINITY;
  private readonly client: ReturnType<typeof connect>;
  private readonly keep: number;
  private readonly hashes = new Map<number, string>();

  constructor(client: ReturnType<typeof connect>, start: number, keep = 200) {
    this.client = client;
    this.cursor = start;
    this.keep = keep;
  }

  async settle(): Promise<'idle' | 'behind'> {
    for (let i = 0; i < 50; i++) {
      const outcome = await this.step();
      if (outcome === 'idle' || outcome === 'behind') return outcome;
    }
    throw new Error('did not settle');
  }

  /**
   * Near the head a poll starts one block early and asks for all headers: from head + 1 nothing is
   * scanned, so a tip replaced at the same height would stay unseen.
   */
  async step(): Promise<'progress' | 'idle' | 'behind' | 'rolled-back'> {
    const isAtTip = this.cursor + 20 > this.head;
    const fromBlock = Math.max(0, this.cursor - (isAtTip ? 1 : 0));
    const answer = await this.client.get({
      fromBlock,
      logs: [{}],
      maxNumLogs: 7,
      fieldSelection: REORG_FIELDS,
      includeAllBlocks: isAtTip,
    });
    this.head = answer.archiveHeight ?? 0;
    if (answer.nextBlock <= fromBlock) {
      const { isReorg, ancestor } = await this.findAncestor();
      return isReorg ? this.rollBack(ancestor) : 'behind';
    }
    const isContradicted = evidenceOf(answer).some(([number, hash]) => {
      const known = this.hashes.get(number);
      return known !== undefined && known !== hash;
    });
    if (isContradicted) return this.rollBack((await this.findAncestor()).ancestor);
    return this.apply(answer);
  }

  private apply(answer: QueryResponse): 'progress' | 'idle' {
    this.logs.push(...answer.data.logs.filter((log) => log.blockNumber! >= this.cursor));
    for (const [number, hash] of evidenceOf(answer)) this.hashes.set(number, hash);
    const hasMoved = answer.nextBlock > this.cursor;
    this.cursor = Math.max(this.cursor, answer.nextBlock);
    for (const number of this.hashes.keys()) {
      if (number < this.cursor - this.keep) this.hashes.delete(number);
    }
    return hasMoved ? 'progress' : 'idle';
  }

  /** Highest block whose hash the server still agrees with. */
  private async findAncestor(): Promise<{ isReorg: boolean; ancestor: number }> {
    const numbers = [...this.hashes.keys()].filter((n) => n <= this.head).sort((a, b) => b - a);
    const { data } = await this.client.get({
      fromBlock: numbers.at(-1) ?? 0,
      toBlock: (numbers[0] ?? 0) + 1,
      includeAllBlocks: true,
      fieldSelection: { block: ['Number', 'Hash'] },
    });
    const served = new Map(data.blocks.map((block) => [block.number!, block.hash!]));
    const ancestor = numbers.find((number) => served.get(number) === this.hashes.get(number));
    if (ancestor === undefined) throw new Error('reorg deeper than the hashes kept');
    return { isReorg: ancestor !== numbers[0], ancestor };
  }

  private rollBack(ancestor: number): 'rolled-back' {
    this.rollbacks.push({ from: this.cursor - 1, to: ancestor });
    this.logs = this.logs.filter((log) => log.blockNumber! <= ancestor);
    for (const number of this.hashes.keys()) if (number > ancestor) this.hashes.delete(number);
    this.cursor = ancestor + 1;
    return 'rolled-back';
  }
}
