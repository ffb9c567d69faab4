import type { AuditContext, BlockRange } from './audit-context.ts';
import { type AuditSource, countedPages } from './source-pages.ts';

/** Logs by topic0 (0x hex, '' for none), then by part of the range. */
export type LogCounts = Map<string, number[]>;

/** Logs of one topic in one part of which store and source have different numbers. */
export interface CountDifference extends BlockRange {
  readonly topic0: string;
  readonly stored: number;
  readonly given: number;
}

/** Below this many logs a stretch is compared block by block. */
const LOGS_TO_COMPARE_BY_BLOCK = 20_000;

/** Equal parts of a block range, at most `parts`. */
export function partsOf(range: BlockRange, parts: number): BlockRange[] {
  const width = Math.ceil((range.toBlock - range.fromBlock + 1) / parts);
  const cut: BlockRange[] = [];
  for (let fromBlock = range.fromBlock; fromBlock <= range.toBlock; fromBlock += width) {
    cut.push({ fromBlock, toBlock: Math.min(range.toBlock, fromBlock + width - 1) });
  }
  return cut;
}

/** Where store and source count different numbers of logs of a topic, part by part. */
export async function compareCounts(
  context: AuditContext,
  source: AuditSource,
  range: BlockRange,
  parts: number,
): Promise<{
  readonly differences: CountDifference[];
  readonly logs: number;
  readonly topics: number;
}> {
  const cut = partsOf(range, parts);
  const width = (cut[0]?.toBlock ?? 0) - range.fromBlock + 1;
  const given: LogCounts = new Map();
  let logs = 0;
  for await (const page of countedPages(source, range, context.signal)) {
    for (const { block, topic0 } of page.logs) {
      add(given, topic0, Math.floor((block - range.fromBlock) / width), cut.length, 1);
    }
    logs += page.logs.length;
    context.onProgress(
      `counting logs of ${source.name}, at block ${page.toBlock} of ${range.toBlock}`,
    );
  }
  const stored = await storedCounts(context, range, width, cut.length);
  const topics = new Set([...stored.keys(), ...given.keys()]);
  const differences: CountDifference[] = [];
  for (const topic0 of topics) {
    for (const [index, part] of cut.entries()) {
      const counts = {
        stored: stored.get(topic0)?.[index] ?? 0,
        given: given.get(topic0)?.[index] ?? 0,
      };
      if (counts.stored !== counts.given) differences.push({ topic0, ...part, ...counts });
    }
  }
  return { differences, logs, topics: topics.size };
}

/** Narrows a difference down to the first block that has another number of logs of the topic. */
export async function firstDifference(
  context: AuditContext,
  source: AuditSource,
  difference: CountDifference,
): Promise<CountDifference> {
  let at = difference;
  while (at.fromBlock < at.toBlock && at.stored + at.given > LOGS_TO_COMPARE_BY_BLOCK) {
    const { differences } = await compareCounts(context, source, at, 2);
    const next = differences.find(({ topic0 }) => topic0 === at.topic0);
    if (!next) return at;
    at = next;
  }
  const given = new Map<number, number>();
  for await (const page of countedPages(source, at, context.signal)) {
    for (const { block, topic0 } of page.logs) {
      if (topic0 === at.topic0) given.set(block, (given.get(block) ?? 0) + 1);
    }
  }
  const stored = await storedByBlock(context, at);
  const blocks = [...new Set([...given.keys(), ...stored.keys()])].sort((a, b) => a - b);
  const block = blocks.find((number) => (given.get(number) ?? 0) !== (stored.get(number) ?? 0));
  if (block === undefined) return at;
  return {
    topic0: at.topic0,
    fromBlock: block,
    toBlock: block,
    stored: stored.get(block) ?? 0,
    given: given.get(block) ?? 0,
  };
}

const TOPIC = "if(topic0 = '', '', concat('0x', lower(hex(topic0))))";

async function storedCounts(
  context: AuditContext,
  range: BlockRange,
  width: number,
  parts: number,
): Promise<LogCounts> {
  const rows = await context.store.select<{ topic: string; part: string; n: string }>(
    `SELECT ${TOPIC} AS topic, part, n FROM (
       SELECT topic0, intDiv(block_number - {fromBlock:UInt64}, {width:UInt64}) AS part, count() AS n
       FROM raw_logs
       WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
       GROUP BY topic0, part)`,
    { chainId: context.chainId, ...blocksOf(range), width },
  );
  const counts: LogCounts = new Map();
  for (const { topic, part, n } of rows) add(counts, topic, Number(part), parts, Number(n));
  return counts;
}

async function storedByBlock(
  context: AuditContext,
  difference: CountDifference,
): Promise<Map<number, number>> {
  const rows = await context.store.select<{ block: string; n: string }>(
    `SELECT block_number AS block, count() AS n FROM raw_logs
     WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
       AND topic0 = unhex({topic:String})
     GROUP BY block_number`,
    {
      chainId: context.chainId,
      ...blocksOf(difference),
      topic: difference.topic0.replace(/^0x/, ''),
    },
  );
  return new Map(rows.map(({ block, n }) => [Number(block), Number(n)]));
}

function add(counts: LogCounts, topic0: string, part: number, parts: number, by: number): void {
  const byPart = counts.get(topic0) ?? new Array<number>(parts).fill(0);
  counts.set(topic0, byPart);
  byPart[part] = (byPart[part] ?? 0) + by;
}

function blocksOf({ fromBlock, toBlock }: BlockRange): BlockRange {
  return { fromBlock, toBlock };
}
