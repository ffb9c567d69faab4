/**
 * Ingest of the bundled archive end to end: replay → real client → raw logs → decode → store.
 * Prints events/s, the share of time in each stage, and how long the event loop was blocked.
 *   npm run bench:ingest
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Shutdown } from '../indexer/cli/shutdown.ts';
import { BUNDLED_ARCHIVE, chooseSources } from '../indexer/cli/source-choice.ts';
import { openStore } from '../indexer/cli/store-session.ts';
import { StageClock } from '../indexer/observability/stage-clock.ts';
import { indexChain } from '../indexer/pipeline/index-chain.ts';
import { readSettings } from '../schema/settings.ts';

const dataDirectory = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
const settings = { ...readSettings({}), dataDirectory };
const shutdown = new Shutdown();
try {
  const { store } = await openStore(settings, shutdown);
  const [chosen] = await chooseSources({ archive: BUNDLED_ARCHIVE }, settings, shutdown);
  if (!chosen) throw new Error('no source');
  chosen.onRetry(console.error);
  const clock = new StageClock();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let logs = 0;
  let events = 0;
  delay.enable();
  const startedAt = performance.now();
  await indexChain({
    plan: chosen.plan,
    source: chosen.source,
    store,
    fromBlock: chosen.fromBlock,
    toBlock: chosen.toBlock,
    signal: shutdown.signal,
    clock,
    onProgress: (step) => {
      if (step.stage === 'land') logs += step.count;
      else events += step.count;
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  console.log(
    `${logs} logs, ${events} events in ${seconds.toFixed(2)} s: ${Math.round(events / seconds)} events/s`,
  );
  const total = [...clock.totals().values()].reduce((sum, ms) => sum + ms, 0);
  for (const [stage, ms] of clock.totals()) {
    console.log(
      `  ${stage.padEnd(10)} ${(ms / 1000).toFixed(2).padStart(7)} s ${((100 * ms) / total).toFixed(0).padStart(4)} %`,
    );
  }
  const ms = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(1);
  console.log(
    `  event loop delay p50 ${ms(delay.percentile(50))} ms, p99 ${ms(delay.percentile(99))} ms, max ${ms(delay.max)} ms`,
  );
  console.log(`  peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
} finally {
  await shutdown.close();
  await rm(dataDirectory, { recursive: true, force: true });
}
process.exit(0);
