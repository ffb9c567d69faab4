/**
 * What one judgement of a GMX V2 position costs: every open position of the bundled crash archive at
 * every full snapshot of the contracts' answers, assessed with its liquidation price.
 *
 *     npx tsx bench/assess.ts [--rounds 5] [--rows 3000]
 *
 * CPU time is the figure to trust on a shared machine. Prints microseconds per assessment, whole and
 * by market: where the impact cap for liquidations is 0 (BTC) no power is computed.
 */
import { parseArgs } from 'node:util';
import { assess } from '../margin/rules/gmx-v2/assess.ts';
import { CRASH_ARCHIVE } from '../test/fixtures/gmx-v2/archives.ts';
import { readTimeline } from '../test/margin/gmx-v2-timeline.ts';
import { readTruth } from '../test/margin/gmx-v2-truth-rows.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '3000' },
  },
});
const rounds = Number(values.rounds);

const timeline = await readTimeline(CRASH_ARCHIVE);
const rows = readTruth('crash-positions')
  .filter((row) => row.text('phase') === 'step')
  .slice(-Number(values.rows));
const inputs = rows.flatMap((row) => {
  const block = row.number('blockNumber');
  const position = timeline.positions.of(row.text('positionKey')).at(block);
  const market = position && timeline.markets.of(position.market).at(block);
  if (!position || !market) return [];
  const prices = timeline.pricesAt(block);
  const parameters = timeline.parametersAt(block);
  return [{ position, market, prices, parameters, timestamp: row.number('blockTimestamp') }];
});

/** Best of `rounds`: CPU microseconds per assessment. */
function measure(name: string, sample: typeof inputs): void {
  for (const input of sample) assess(input);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (const input of sample) assess(input);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / sample.length);
  }
  console.log(`${name}: ${best.toFixed(1)} µs per assessment (${sample.length} positions)`);
}

measure('all markets', inputs);
for (const market of new Set(inputs.map((input) => input.market.market))) {
  measure(
    market,
    inputs.filter((input) => input.market.market === market),
  );
}
