import { type AuditContext, type BlockRange, landAgain } from './audit-context.ts';
import { blocksText, counted, type FindingList } from './findings.ts';

type Kind = 'both' | 'noTransaction' | 'noLogs';

interface KindRow {
  readonly kind: Kind;
  readonly transactions: string;
  readonly blocks: readonly string[];
  readonly first: string;
  readonly last: string;
}

interface Gap extends BlockRange {
  /** Transactions. */
  readonly count: number;
  /** The first blocks, at most `BLOCKS_KEPT`. */
  readonly blocks: readonly number[];
}

const BLOCKS_KEPT = 500;

/** Each log has its transaction (same block, index and hash), each transaction at least one log. */
export class TransactionAudit {
  readonly #context: AuditContext;
  readonly #gaps = new Map<Kind, Gap>();
  #looked = 0;
  #notGiven = 0;

  constructor(context: AuditContext) {
    this.#context = context;
  }

  async look(stretch: BlockRange): Promise<void> {
    const { store, chainId } = this.#context;
    for (const row of await store.select<KindRow>(QUERY, { chainId, ...stretch })) {
      this.#looked += Number(row.transactions);
      if (row.kind === 'both') continue;
      const before = this.#gaps.get(row.kind);
      this.#gaps.set(row.kind, {
        fromBlock: before?.fromBlock ?? Number(row.first),
        toBlock: Number(row.last),
        count: (before?.count ?? 0) + Number(row.transactions),
        blocks: [...(before?.blocks ?? []), ...row.blocks.map(Number)].slice(0, BLOCKS_KEPT),
      });
    }
  }

  async conclude(found: FindingList): Promise<void> {
    const missing = this.#gaps.get('noTransaction');
    if (missing) await this.#findMissing(missing, found);
    const bare = this.#gaps.get('noLogs');
    if (!bare) return;
    const { fromBlock, toBlock, count } = bare;
    found.add('no logs', {
      table: 'raw_logs',
      fromBlock,
      toBlock,
      count,
      message: `${counted(count, 'transaction')} none of whose logs is there, in ${blocksText(fromBlock, toBlock)}`,
      remedy: landAgain(this.#context, fromBlock),
    });
  }

  summary(): string {
    const notGiven =
      this.#notGiven > 0 ? ` (${this.#notGiven} of them never given by the source)` : '';
    return `${counted(this.#looked, 'transaction')}${notGiven}`;
  }

  /** A recording may lack transactions: where the commit counted no more, none was lost here. */
  async #findMissing({ count, blocks }: Gap, found: FindingList): Promise<void> {
    const sound = await soundCommits(this.#context, blocks);
    const lost = blocks.filter(
      (block) => !sound.some(({ fromBlock, toBlock }) => block >= fromBlock && block <= toBlock),
    );
    this.#notGiven = blocks.length - lost.length;
    const lostCount = count - this.#notGiven;
    const [fromBlock, toBlock] = [lost[0] ?? blocks.at(-1), lost.at(-1) ?? blocks.at(-1)];
    if (lostCount === 0 || fromBlock === undefined || toBlock === undefined) return;
    found.add('no transaction', {
      table: 'transactions',
      fromBlock,
      toBlock,
      count: lostCount,
      message: `${counted(lostCount, 'transaction')} with logs but missing, in ${blocksText(fromBlock, toBlock)}`,
      remedy: landAgain(this.#context, fromBlock),
    });
  }
}

/** Land commits around the blocks that have as many transactions as they say. */
async function soundCommits(
  { store, chainId }: AuditContext,
  blocks: readonly number[],
): Promise<BlockRange[]> {
  const commits = await store.select<{ from: string; to: string; said: string }>(
    `SELECT from_block AS from, to_block AS to, row_counts['transactions'] AS said FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = 'land' AND mapContains(row_counts, 'transactions')
       AND arrayExists(block -> block BETWEEN from_block AND to_block, [${blocks.join(', ')}])`,
    { chainId },
  );
  const sound: BlockRange[] = [];
  for (const { from, to, said } of commits) {
    const range = { fromBlock: Number(from), toBlock: Number(to) };
    const [row] = await store.select<{ n: string }>(
      `SELECT count() AS n FROM transactions
       WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}`,
      { chainId, ...range },
    );
    if (row?.n === said) sound.push(range);
  }
  return sound;
}

const IN_STRETCH =
  'chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}';

const QUERY = `
SELECT kind, count() AS transactions, groupArray(${BLOCKS_KEPT})(block_number) AS blocks,
  min(block_number) AS first, max(block_number) AS last
FROM (
  SELECT block_number, multiIf(sum(stored) = 0, 'noTransaction', sum(logs) = 0, 'noLogs', 'both') AS kind
  FROM (
    SELECT block_number, transaction_index, transaction_hash, count() AS logs, 0 AS stored
    FROM raw_logs WHERE ${IN_STRETCH} GROUP BY block_number, transaction_index, transaction_hash
    UNION ALL
    SELECT block_number, transaction_index, transaction_hash, 0 AS logs, count() AS stored
    FROM transactions WHERE ${IN_STRETCH} GROUP BY block_number, transaction_index, transaction_hash)
  GROUP BY block_number, transaction_index, transaction_hash
  ORDER BY block_number)
GROUP BY kind`;
