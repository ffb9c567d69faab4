import { AppError } from '../../schema/errors.ts';
import { seededRandom } from '../replay/seeded-random.ts';
import { type AuditContext, type BlockRange, type Check, landAgain } from './audit-context.ts';
import { blocksText, count, counted, FindingList } from './findings.ts';
import { compareCounts, firstDifference } from './log-counts.ts';
import { type AuditSource, type WholeLog, wholePages } from './source-pages.ts';

/** Block ranges that logs are counted in. */
const PARTS = 16;
/** Differences narrowed down to their block: each costs a few requests. */
const NARROWED = 8;
const SAMPLED_HEADERS = 16;

export const sourceCheck: Check = {
  name: 'source',
  proves:
    'The source has the same number of logs of every topic in every stretch of blocks, the same headers, and in the sampled ranges the same logs, byte for byte.',
  async run(context) {
    const { source: asked, last } = context;
    if ('notAsked' in asked) return skip(asked.notAsked);
    if (!last.land) return skip('nothing has landed yet');
    const found = new FindingList(context.chainId, 'source');
    try {
      const source = { ...asked, endpoint: await asked.open() };
      const { height } = await source.endpoint.head(context.signal);
      const toBlock = Math.min(last.land.toBlock, height);
      if (toBlock < context.firstBlock)
        return skip(`${source.name} ends at block ${count(height)}`);
      const range = { fromBlock: context.firstBlock, toBlock };
      const counts = await auditCounts(context, source, range, found);
      const headers = await auditHeaders(context, source, range, found);
      const whole = await auditContent(context, source, toBlock, found);
      return {
        findings: found.all(),
        summary: `${source.name} counts ${counted(counts.logs, 'log')} of ${counted(counts.topics, 'topic')} in ${blocksText(range.fromBlock, toBlock)}; ${counted(headers, 'header')} and ${counted(whole, 'whole log')} compared`,
      };
    } catch (error) {
      if (!(error instanceof AppError) || context.signal.aborted) throw error;
      found.add('unreachable', {
        table: 'raw_logs',
        fromBlock: context.firstBlock,
        toBlock: last.land.toBlock,
        count: 1,
        message: `${asked.name} gives no answer to compare with: ${error.message}`,
        remedy: error.remedy ?? 'Try again later, or with another endpoint (--hypersync-url).',
      });
      return { findings: found.all(), summary: 'not compared to the end' };
    }
  },
};

function skip(summary: string) {
  return { findings: [], summary, isSkipped: true };
}

async function auditCounts(
  context: AuditContext,
  source: AuditSource,
  range: BlockRange,
  found: FindingList,
): Promise<{ readonly logs: number; readonly topics: number }> {
  const { differences, ...counts } = await compareCounts(context, source, range, PARTS);
  for (const [index, difference] of differences.entries()) {
    const { topic0, stored, given } = difference;
    const first =
      index < NARROWED ? await firstDifference(context, source, difference) : difference;
    found.add(stored < given ? 'lacks logs' : 'has other logs', {
      table: 'raw_logs',
      fromBlock: first.fromBlock,
      toBlock: difference.toBlock,
      count: Math.abs(stored - given),
      message: `the source has ${counted(given, 'log')} of topic ${topic0 || '(none)'} in ${blocksText(difference.fromBlock, difference.toBlock)}, the store ${count(stored)}; the first difference is in ${blocksText(first.fromBlock, first.toBlock)}: ${count(first.given)} against ${count(first.stored)}`,
      remedy: landAgain(context, first.fromBlock),
    });
  }
  return counts;
}

interface StoredHeader {
  readonly block: string;
  readonly hash: string;
  readonly parent: string;
  readonly time: string;
}

/** A few headers by the seed, and the last one that is stored. */
async function auditHeaders(
  context: AuditContext,
  source: AuditSource,
  range: BlockRange,
  found: FindingList,
): Promise<number> {
  const next = seededRandom(context.seed + 1);
  const places = Array.from(
    { length: SAMPLED_HEADERS - 1 },
    () => range.fromBlock + Math.floor(next() * (range.toBlock - range.fromBlock + 1)),
  );
  const compared = new Set<number>();
  for (const place of [...places, range.toBlock]) {
    const [stored] = await context.store.select<StoredHeader>(
      `SELECT block_number AS block, concat('0x', lower(hex(block_hash))) AS hash,
         concat('0x', lower(hex(parent_hash))) AS parent, block_timestamp AS time
       FROM blocks WHERE chain_id = {chainId:UInt64} AND block_number <= {place:UInt64}
       ORDER BY block_number DESC LIMIT 1`,
      { chainId: context.chainId, place },
    );
    const block = Number(stored?.block ?? -1);
    if (!stored || block < range.fromBlock || compared.has(block)) continue;
    compared.add(block);
    const header = await source.endpoint.header(block, context.signal);
    const isSame =
      header.hash === stored.hash &&
      header.parentHash === stored.parent &&
      header.timestamp === Number(stored.time);
    if (isSame) continue;
    found.add('header', {
      table: 'blocks',
      fromBlock: block,
      toBlock: block,
      count: 1,
      message: `the header of ${blocksText(block, block)} is another at the source: hash ${header.hash}, stored ${stored.hash}`,
      remedy: landAgain(context, block),
    });
  }
  return compared.size;
}

/** Every field of every log of the sampled ranges. */
async function auditContent(
  context: AuditContext,
  source: AuditSource,
  lastBlock: number,
  found: FindingList,
): Promise<number> {
  let compared = 0;
  for (const sample of context.samples) {
    const fromBlock = Math.max(sample.fromBlock, context.firstBlock);
    const range = { fromBlock, toBlock: Math.min(sample.toBlock, lastBlock) };
    for await (const page of wholePages(source, range, context.signal)) {
      context.onProgress(`comparing logs with ${source.name}, at block ${page.toBlock}`);
      for (const part of piecesOf(page.logs)) {
        const stored = await storedLogs(context, part);
        for (const log of part.logs) compareLog(context, log, stored, found);
        compared += part.logs.length;
      }
    }
  }
  return compared;
}

const LOGS_A_LOOK = 5_000;

/** Whole blocks, a few thousand logs at a time: that many stored ones are held beside them. */
function piecesOf(logs: readonly WholeLog[]): (BlockRange & { logs: WholeLog[] })[] {
  const pieces: (BlockRange & { logs: WholeLog[]; toBlock: number })[] = [];
  for (const log of [...logs].sort((a, b) => a.block - b.block)) {
    let piece = pieces.at(-1);
    if (!piece || (piece.logs.length >= LOGS_A_LOOK && piece.toBlock !== log.block)) {
      piece = { fromBlock: log.block, toBlock: log.block, logs: [] };
      pieces.push(piece);
    }
    piece.toBlock = log.block;
    piece.logs.push(log);
  }
  return pieces;
}

async function storedLogs(
  context: AuditContext,
  { fromBlock, toBlock }: BlockRange,
): Promise<Map<string, string>> {
  const hexOf = (column: string) => `concat('0x', lower(hex(${column})))`;
  const rows = await context.store.select<{ place: string; content: string }>(
    `SELECT concat(toString(block_number), ' ', toString(log_index)) AS place,
       arrayStringConcat([${hexOf('block_hash')}, ${hexOf('transaction_hash')}, toString(transaction_index),
         ${['address', 'topic0', 'topic1', 'topic2', 'topic3', 'data'].map(hexOf).join(', ')}], ' ') AS content
     FROM raw_logs
     WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}`,
    { chainId: context.chainId, fromBlock, toBlock },
  );
  return new Map(rows.map(({ place, content }) => [place, content]));
}

function compareLog(
  context: AuditContext,
  log: WholeLog,
  stored: ReadonlyMap<string, string>,
  found: FindingList,
): void {
  const content = stored.get(`${log.block} ${log.logIndex}`);
  if (content === log.content) return;
  found.add(content === undefined ? 'log missing' : 'log differs', {
    table: 'raw_logs',
    fromBlock: log.block,
    toBlock: log.block,
    count: 1,
    message: `log ${log.logIndex} of ${blocksText(log.block, log.block)} ${content === undefined ? 'is not in the store' : 'has another content at the source'}`,
    remedy: landAgain(context, log.block),
  });
}
