/**
 * Makes archives/gmx-v2-arbitrum-recorded from recorded JSON-RPC answers:
 *
 *   npx tsx bench/build-recorded-archive.ts --input DIR --out archives/gmx-v2-arbitrum-recorded
 *
 * DIR holds `logs-42161.ndjson.gz` (one log a line, with blockTimestamp) and `rpc-42161.json.gz`
 * (object keyed `method|params`, value = the RPC result), as described in the archive's SOURCE.md.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { ArchiveTable } from '../indexer/replay/archive-columns.ts';
import { writeArchiveTable } from '../indexer/replay/archive-writer.ts';
import { archiveManifestSchema } from '../schema/archive-manifest.ts';

const CHAIN_ID = 42161;
const GMX_V2_EVENT_EMITTER = '0xC8ee91A54287DB53897056e12D9819156D3822Fb';

const logLine = z.object({
  blockNumber: z.number().int(),
  blockHash: z.string(),
  blockTimestamp: z.number().int(),
  transactionHash: z.string(),
  transactionIndex: z.number().int(),
  logIndex: z.number().int(),
  address: z.string(),
  topics: z.array(z.string()).max(4),
  data: z.string(),
  removed: z.boolean(),
});
type LogLine = z.infer<typeof logLine>;

const rpcBlock = z.object({
  number: z.string(),
  hash: z.string(),
  parentHash: z.string(),
  timestamp: z.string(),
});
const rpcReceipt = z.object({
  blockNumber: z.string(),
  transactionIndex: z.string(),
  transactionHash: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  status: z.string(),
  gasUsed: z.string(),
  effectiveGasPrice: z.string(),
});

interface BlockRow {
  readonly number: number;
  readonly hash: string;
  /** Null: the header was not recorded, hash and time come from a log. */
  readonly parent_hash: string | null;
  readonly timestamp: string;
}

async function readGzip(path: string): Promise<string> {
  return gunzipSync(await readFile(path)).toString('utf8');
}

/** Recorded headers, and for blocks without one what the logs say; ascending. Throws on a contradiction. */
function blockRows(
  logs: readonly LogLine[],
  headers: readonly z.infer<typeof rpcBlock>[],
): BlockRow[] {
  const rows = new Map<number, BlockRow>();
  for (const header of headers) {
    const number = Number(header.number);
    const { hash, parentHash, timestamp } = header;
    rows.set(number, { number, hash, parent_hash: parentHash, timestamp });
  }
  for (const log of logs) {
    const timestamp = `0x${log.blockTimestamp.toString(16)}`;
    const known = rows.get(log.blockNumber);
    if (known && (known.hash !== log.blockHash || BigInt(known.timestamp) !== BigInt(timestamp))) {
      throw new Error(`block ${log.blockNumber}: log and header disagree`);
    }
    if (known) continue;
    const { blockNumber: number, blockHash: hash } = log;
    rows.set(number, { number, hash, parent_hash: null, timestamp });
  }
  return [...rows.values()].sort((a, b) => a.number - b.number);
}

function logRow(log: LogLine): object {
  return {
    block_number: log.blockNumber,
    block_hash: log.blockHash,
    transaction_hash: log.transactionHash,
    transaction_index: log.transactionIndex,
    log_index: log.logIndex,
    address: log.address,
    topic0: log.topics[0] ?? null,
    topic1: log.topics[1] ?? null,
    topic2: log.topics[2] ?? null,
    topic3: log.topics[3] ?? null,
    data: log.data,
    removed: log.removed,
  };
}

function transactionRow(receipt: z.infer<typeof rpcReceipt>): object {
  return {
    block_number: Number(receipt.blockNumber),
    transaction_index: Number(receipt.transactionIndex),
    hash: receipt.transactionHash,
    from: receipt.from,
    to: receipt.to,
    status: Number(receipt.status),
    gas_used: receipt.gasUsed,
    effective_gas_price: receipt.effectiveGasPrice,
  };
}

function manifestOf(blocks: readonly BlockRow[], counts: Record<ArchiveTable, number>): object {
  const withHeader = blocks.filter((block) => block.parent_hash !== null).length;
  const manifest = {
    name: 'gmx-v2-arbitrum-recorded',
    chainId: CHAIN_ID,
    chain: 'arbitrum',
    fromBlock: blocks[0]?.number ?? 0,
    toBlock: blocks.at(-1)?.number ?? 0,
    description:
      'Real logs of Arbitrum One, mostly of the GMX V2 EventEmitter: single transactions between ' +
      '31 October 2025 and 18 August 2026, not a contiguous range. Most blocks of the range are ' +
      'not in it, and no position was opened, decreased or liquidated in it.',
    provenance:
      'JSON-RPC answers recorded by gmx-io/gmx-interface (commit ' +
      'a78e920e7c779ddd875ee857cc8b240d20ee42d9) as test fixtures: eth_getTransactionReceipt, ' +
      'eth_getLogs and eth_getBlockBy* of Arbitrum One. See SOURCE.md.',
    synthetic: false,
    sparse: true,
    recorded: {
      logs: `${counts.logs}: every log of 9 receipts and 8 eth_getLogs answers`,
      transactions: `${counts.transactions}: those with a recorded receipt; the logs of the others have no transaction row`,
      blocks:
        `${counts.blocks}: ${withHeader} recorded headers; of the other ${counts.blocks - withHeader} ` +
        'only hash and timestamp are known (from their logs), parent_hash is null. When the ' +
        'archive is served, a parent hash that links is derived for them, and for blocks that ' +
        'are not listed a hash and an interpolated time: those are not facts of the chain.',
    },
    protocols: { 'gmx-v2': { eventEmitter: GMX_V2_EVENT_EMITTER } },
  };
  archiveManifestSchema.parse(manifest);
  return manifest;
}

async function build(input: string, out: string): Promise<void> {
  const logs = (await readGzip(join(input, 'logs-42161.ndjson.gz')))
    .trim()
    .split('\n')
    .map((line) => logLine.parse(JSON.parse(line)));
  const answers: Record<string, unknown> = JSON.parse(
    await readGzip(join(input, 'rpc-42161.json.gz')),
  );
  const answersOf = <Value>(method: RegExp, schema: z.ZodType<Value>) =>
    Object.entries(answers)
      .filter(([key]) => method.test(key))
      .map(([, value]) => schema.parse(value));
  const blocks = blockRows(logs, answersOf(/^eth_getBlockBy/, rpcBlock));
  const rows: Record<ArchiveTable, readonly object[]> = {
    blocks,
    transactions: answersOf(/^eth_getTransactionReceipt/, rpcReceipt).map(transactionRow),
    logs: logs.map(logRow),
  };
  const counts = { blocks: 0, transactions: 0, logs: 0 };
  const work = await mkdtemp(join(tmpdir(), 'recorded-archive-'));
  try {
    await mkdir(out, { recursive: true });
    for (const table of ['blocks', 'transactions', 'logs'] as const) {
      const path = join(work, `${table}.ndjson`);
      await writeFile(path, rows[table].map((row) => JSON.stringify(row)).join('\n'));
      await rm(join(out, `${table}.parquet`), { force: true });
      counts[table] = await writeArchiveTable(table, out, { path, format: 'JSONEachRow' });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const manifest = manifestOf(blocks, counts);
  await writeFile(join(out, 'archive.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  process.stdout.write(`${out}: ${JSON.stringify(counts)}\n`);
}

const { values } = parseArgs({ options: { input: { type: 'string' }, out: { type: 'string' } } });
if (!values.input || !values.out || !(await stat(values.input).catch(() => null))) {
  process.stderr.write('usage: build-recorded-archive.ts --input DIR --out DIR\n');
  process.exit(2);
}
await build(values.input, values.out);
