/**
 * Decoders side by side on the EventEmitter's logs of the bundled crash archive, in one run:
 * ours, viem's, and the HyperSync client's (its values still wrapped, names dropped).
 *
 *     npx tsx bench/decode.ts [--rounds 5] [--logs 4000]
 *
 * CPU time per log is the figure to trust on a shared machine; ratios are within one run.
 */
import { parseArgs } from 'node:util';
import hypersync from '@envio-dev/hypersync-client';
import { decodeEventLog as decodeWithViem } from 'viem';
import { decodeEventLog, EVENT_LOG_1_TOPIC0 } from '../indexer/protocols/gmx-v2/decode.ts';
import { gmxV2 } from '../indexer/protocols/gmx-v2/index.ts';
import { EVENT_GROUPS, EVENT_LOG_ABI } from '../test/fixtures/gmx-v2/event-log-abi.ts';
import { readArchiveLogs, readArchiveManifest } from '../test/fixtures/read-archive.ts';

const ARCHIVE = 'archives/gmx-v2-crash-2023-08-17';
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    logs: { type: 'string', default: '4000' },
  },
});
const rounds = Number(values.rounds);

const pairs = (type: string) => `((string,${type})[],(string,${type}[])[])`;
const SIGNATURE =
  'EventLog1(address msgSender, string eventName, string indexed eventNameHash, ' +
  `bytes32 indexed topic1, (${EVENT_GROUPS.map(([, type]) => pairs(type)).join(',')}) eventData)`;

interface Figures {
  readonly name: string;
  readonly microsecondsPerLog: number;
  readonly logsPerSecond: number;
}

/** Best of `rounds`: CPU microseconds (all threads) and logs per second of wall time. */
function measure(name: string, logs: number, run: () => void): Figures {
  run();
  let cpu = Number.POSITIVE_INFINITY;
  let wall = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const usage = process.cpuUsage();
    const started = performance.now();
    run();
    wall = Math.min(wall, performance.now() - started);
    const spent = process.cpuUsage(usage);
    cpu = Math.min(cpu, spent.user + spent.system);
  }
  return { name, microsecondsPerLog: cpu / logs, logsPerSecond: logs / (wall / 1000) };
}

async function main(): Promise<void> {
  const manifest = readArchiveManifest(ARCHIVE);
  const batch = await readArchiveLogs(ARCHIVE);
  const reader = gmxV2.readerFor({ ...manifest, manifest });
  if (!reader) throw new Error(`${ARCHIVE} holds no GMX V2`);
  const all = Array.from({ length: batch.length }, (_, row) => ({
    topics: batch.topics[row] ?? [],
    data: batch.data[row] ?? new Uint8Array(),
  })).filter(({ topics }) => topics[0] === EVENT_LOG_1_TOPIC0);
  // every n-th log, so that the mix of events is the archive's
  const step = Math.max(1, Math.floor(all.length / Number(values.logs)));
  const logs = all.filter((_, index) => index % step === 0);
  const hex = logs.map(({ topics, data }) => ({
    topics: [...topics] as [`0x${string}`, ...`0x${string}`[]],
    data: `0x${Buffer.from(data).toString('hex')}` as const,
  }));
  const decoder = hypersync.Decoder.fromSignatures([SIGNATURE]);
  if (decoder.decodeLogsSync(hex).some((event) => !event)) throw new Error('client decoder: null');

  const bytes = logs.reduce((sum, { data }) => sum + data.length, 0) / logs.length;
  const figures = [
    measure('bulkhead decodeEventLog', logs.length, () => {
      for (const { topics, data } of logs) decodeEventLog(topics, data);
    }),
    measure('client Decoder.decodeLogsSync', hex.length, () => {
      decoder.decodeLogsSync(hex);
    }),
    measure('viem decodeEventLog', logs.length, () => {
      for (const log of hex) decodeWithViem({ abi: EVENT_LOG_ABI, ...log });
    }),
    measure('bulkhead decode + normalize (whole archive)', batch.length, () => {
      reader.normalize(batch);
    }),
  ];
  const ours = figures[0]?.microsecondsPerLog ?? 1;
  console.log(
    `${logs.length} EventLog1 logs of ${Math.round(bytes)} bytes, node ${process.version}`,
  );
  for (const { name, microsecondsPerLog, logsPerSecond } of figures) {
    const cpu = microsecondsPerLog.toFixed(1).padStart(7);
    const speed = Math.round(logsPerSecond).toLocaleString('en').padStart(9);
    const ratio = (microsecondsPerLog / ours).toFixed(1).padStart(6);
    console.log(`${name.padEnd(46)} ${cpu} us CPU/log ${speed} logs/s ${ratio}x`);
  }
}

await main();
