import { Gauge, Registry } from 'prom-client';
import type { ApiContext } from './context.ts';
import { readMarkets } from './queries/markets.ts';
import type { MarketRecord, SourceStatus } from './queries/records.ts';
import { chooseSource } from './queries/source-directory.ts';
import { readStatus } from './queries/status.ts';

/**
 * /metrics in the text format of Prometheus: how far each chain is, what is stored of it, and whether
 * our positions still add up to the protocols' own counters (every residual must be 0).
 */
export async function handleMetrics(
  request: Request,
  context: ApiContext,
): Promise<Response | null> {
  if (new URL(request.url).pathname !== '/metrics') return null;
  const snapshot = await context.snapshot();
  const registry = new Registry();
  const gauges = gaugesIn(registry);
  for (const status of await readStatus(snapshot)) {
    setChain(gauges, status);
    if (status.headBlock === null) continue;
    const source = chooseSource(snapshot, status.chainId);
    const markets = await readMarkets(snapshot.reader, { source, block: status.headBlock });
    for (const market of markets) setResiduals(gauges, status, market);
  }
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
  });
}

type Gauges = ReturnType<typeof gaugesIn>;

/** A registry of the request's own: what is read at the scrape, nothing kept between two. */
function gaugesIn(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: readonly string[]) =>
    new Gauge({
      name: `bulkhead_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    });
  const market = ['chain', 'chain_id', 'venue', 'market'];
  return {
    head: gauge('head_block', 'Last block whose facts are visible.', ['chain', 'chain_id']),
    headTime: gauge('head_timestamp_seconds', 'Unix time of that block.', ['chain', 'chain_id']),
    rows: gauge('rows', 'What is stored up to the head, by kind.', ['chain', 'chain_id', 'kind']),
    residual: gauge(
      'open_interest_residual_usd',
      'Counter of the protocol minus the sum of our positions; anything but 0 is a fault.',
      [...market, 'side'],
    ),
    skewResidual: gauge(
      'open_interest_skew_residual_base_units',
      'Skew of the protocol minus that of our positions; anything but 0 is a fault.',
      market,
    ),
  };
}

function setChain(gauges: Gauges, status: SourceStatus): void {
  const labels = chainLabels(status);
  if (status.headBlock !== null) gauges.head.set(labels, status.headBlock);
  if (status.headTime !== null) gauges.headTime.set(labels, Date.parse(status.headTime) / 1000);
  for (const [kind, rows] of Object.entries(status.counts)) {
    gauges.rows.set({ ...labels, kind: snakeCase(kind) }, rows);
  }
}

function setResiduals(gauges: Gauges, status: SourceStatus, market: MarketRecord): void {
  const labels = { ...chainLabels(status), venue: market.venue, market: market.address };
  for (const { side, residualUsd } of market.openInterest) {
    if (residualUsd === null) continue;
    gauges.residual.set({ ...labels, side: side.toLowerCase() }, Number(residualUsd));
  }
  if (market.skew) gauges.skewResidual.set(labels, Number(market.skew.residualBaseRaw));
}

function chainLabels({ chain, chainId }: SourceStatus) {
  return { chain, chain_id: String(chainId) };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
