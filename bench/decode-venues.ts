/**
 * Decoding by venue: our slice decoder beside viem's on the same logs, in one run. The logs are made
 * up from the ABI of every event version (seeded), but for the recorded chains at the end, where the
 * whole way from bytes to domain events is timed.
 *
 *     npx tsx bench/decode-venues.ts [--rounds 5] [--logs 2000]
 *
 * CPU time per log is the figure to trust on a shared machine; ratios are within one run.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type AbiEvent, decodeEventLog, type Hex } from 'viem';
import { eventDecoder } from '../indexer/protocols/abi/event-decoder.ts';
import { adapters } from '../indexer/protocols/registry.ts';
import { argumentsOf, encodeLog } from '../test/contracts/event-arguments.ts';
import { abiOf } from '../test/contracts/event-versions.contract.ts';
import {
  readArchiveLogs,
  readArchiveManifest,
  readArchiveSenders,
} from '../test/fixtures/read-archive.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    logs: { type: 'string', default: '2000' },
  },
});
const rounds = Number(values.rounds);
const logsPerVenue = Number(values.logs);

const VENUES: readonly (readonly [string, readonly string[]])[] = [
  ['gmx-v1', ['gmx-v1']],
  ['synthetix-v2', ['synthetix-perps-v2']],
  ['gtrade', ['gains', 'gains-alt-indexing']],
  ['avantis', ['avantis']],
  ['ostium', ['ostium']],
  ['level', ['level']],
  ['mux3', ['mux3']],
  ['synthetix-bfp', ['synthetix-bfp']],
  ['oracles', ['oracles']],
];
const ARCHIVES = [
  'gmx-v2-crash-2023-08-17',
  'gmx-v1-crash-scenario',
  'synthetix-v2-crash-2023-08-17',
];

/** Best of `rounds`: CPU microseconds of all threads for each log. */
function microsecondsPerLog(logs: number, run: () => void): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const usage = process.cpuUsage();
    run();
    const spent = process.cpuUsage(usage);
    best = Math.min(best, spent.user + spent.system);
  }
  return best / logs;
}

interface MadeUpLog {
  readonly event: AbiEvent;
  readonly topics: [Hex, ...Hex[]];
  readonly hex: Hex;
  readonly bytes: Uint8Array;
}

function madeUpLogs(events: readonly AbiEvent[]): MadeUpLog[] {
  const each = Math.ceil(logsPerVenue / events.length);
  return events.flatMap((event) =>
    fc.sample(argumentsOf(event), { seed: 7, numRuns: each }).map((args) => {
      const { topics, data } = encodeLog(event, args);
      const bytes = Uint8Array.from(Buffer.from(data.slice(2), 'hex'));
      return { event, topics: topics as [Hex, ...Hex[]], hex: data, bytes };
    }),
  );
}

function compareDecoders(): void {
  console.log('venue            versions  bytes/log  ours us/log   logs/s   viem us/log  ratio');
  for (const [venue, names] of VENUES) {
    const events = abiOf(...names);
    const logs = madeUpLogs(events);
    const decoders = new Map(events.map((event) => [event, eventDecoder(event)]));
    const ours = microsecondsPerLog(logs.length, () => {
      for (const { event, topics, bytes } of logs) decoders.get(event)?.decode(topics, bytes);
    });
    const theirs = microsecondsPerLog(logs.length, () => {
      for (const { event, topics, hex } of logs) {
        decodeEventLog({ abi: [event], topics, data: hex });
      }
    });
    const size = logs.reduce((sum, { bytes }) => sum + bytes.length, 0) / logs.length;
    console.log(
      [
        venue.padEnd(16),
        String(events.length).padStart(8),
        size.toFixed(0).padStart(10),
        ours.toFixed(2).padStart(12),
        Math.round(1e6 / ours)
          .toLocaleString('en')
          .padStart(9),
        theirs.toFixed(2).padStart(12),
        `${(theirs / ours).toFixed(1)}x`.padStart(7),
      ].join(' '),
    );
  }
}

async function timeArchives(): Promise<void> {
  console.log('\nbytes to domain events, every reader of the archive');
  for (const name of ARCHIVES) {
    const dir = `archives/${name}`;
    const manifest = readArchiveManifest(dir);
    const [batch, senders] = await Promise.all([readArchiveLogs(dir), readArchiveSenders(dir)]);
    const { chainId, chain } = manifest;
    const active = adapters.filter((one) => one.readerFor({ chainId, chain, manifest }));
    const cost = microsecondsPerLog(batch.length, () => {
      for (const adapter of active) {
        adapter.readerFor({ chainId, chain, manifest })?.normalize(batch, senders);
      }
    });
    const rate = Math.round(1e6 / cost).toLocaleString('en');
    console.log(
      `${name.padEnd(32)} ${cost.toFixed(1).padStart(6)} us/log ${rate.padStart(9)} logs/s`,
    );
  }
}

compareDecoders();
await timeArchives();
