import { createHash } from 'node:crypto';
import { liquidationHeatmapChart } from '../../../api/charts/liquidation-heatmap-chart.ts';
import { marginHistoryChart } from '../../../api/charts/margin-history-chart.ts';
import { oracleLatencyChart } from '../../../api/charts/oracle-latency-chart.ts';
import { sampleHeatmap, sampleHistory, sampleLatency } from './sample-answers.ts';

/** Draws the samples and prints a digest each, for a test that compares processes. */
const size = { width: 1200, height: 620, theme: 'dark', showTitle: true } as const;
// Other drawings first: what a process drew before must not show.
marginHistoryChart(sampleHistory(), { ...size, width: 500 });
const drawn = [
  liquidationHeatmapChart(sampleHeatmap(), size),
  marginHistoryChart(sampleHistory(), size),
  oracleLatencyChart(
    {
      overall: sampleLatency('ALL'),
      curves: sampleLatency('ALL'),
      hourly: sampleLatency('HOUR'),
      subject: '',
    },
    size,
  ),
];
for (const svg of drawn) {
  process.stdout.write(`${createHash('sha256').update(svg).digest('hex')}\n`);
}
