import { Counter, Gauge, Registry } from 'prom-client';
import type { ApiContext } from './context.ts';
import { INDEXER_STATES } from './queries/indexer-report.ts';
import { readMarkets } from './queries/markets.ts';
import type { MarketRecord, SourceStatus } from './queries/records.ts';
import { chooseSource } from './queries/source-directory.ts';
import { readStatus } from './queries/status.ts';
import { DatabaseUnavailableError } from './queries/stored-query.ts';

/**
 * /metrics in the text format of Prometheus: how far each chain is and how its indexer does, what is
 * stored of it, and whether our positions still add up to the protocols' own counters (every residual
 * must be 0). While the database is away it says just that.
 */
export async function handleMetrics(
  request: Request,
  context: ApiContext,
): Promise<Response | null> {
  if (new URL(request.url).pathname !== '/metrics') return null;
  const registry = new Registry();
  const up = new Gauge({
    name: 'bulkhead_database_up',
    help: '1 while the database answers.',
    registers: [registry],
  });
  try {
    await readInto(registry, context);
    up.set(1);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error;
    up.set(0);
  }
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
  });
}

async function readInto(registry: Registry, context: ApiContext): Promise<void> {
  const snapshot = await context.snapshot();
  const statuses = await readStatus(snapshot);
  const gauges = gaugesIn(registry);
  const progress = progressIn(registry);
  for (const status of statuses) {
    setChain(gauges, status);
    setProgress(progress, status);
    if (status.headBlock === null) continue;
    const source = chooseSource(snapshot, status.chainId);
    const markets = await readMarkets(snapshot.reader, { source, block: status.headBlock });
    for (const market of markets) setResiduals(gauges, status, market);
  }
}

type Gauges = ReturnType<typeof gaugesIn>;

/** A registry of the request's own: what is read at the scrape, nothing kept between two. */
function gaugesIn(registry: Registry) {
  const gauge = gaugeMaker(registry);
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

function gaugeMaker(registry: Registry) {
  return (name: string, help: string, labelNames: readonly string[]) =>
    new Gauge({
      name: `bulkhead_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    });
}

/** How the indexer of each chain does. What nobody has told has no series. */
function progressIn(registry: Registry) {
  const gauge = gaugeMaker(registry);
  const chain = ['chain', 'chain_id'];
  return {
    state: gauge('indexer_state', '1 for the state the indexer reported last, else 0.', [
      ...chain,
      'state',
    ]),
    reportAge: gauge('indexer_report_age_seconds', 'Time since the indexer reported.', chain),
    failing: gauge('indexer_failing_seconds', 'How long it has been failing; 0 is well.', chain),
    sourceHeight: gauge('source_height', 'Highest block the source has shown.', chain),
    landed: gauge('landed_block', 'Last block whose raw logs are stored.', chain),
    lagBlocks: gauge('lag_blocks', 'Blocks from the head to the height of the source.', chain),
    lagSeconds: gauge('lag_seconds', 'Now minus the time of the head; live chains only.', chain),
    safe: gauge('safe_block', 'Highest block of the chain that counts as safe.', chain),
    final: gauge('final_block', 'Highest block of the chain that counts as final.', chain),
    commitAge: gauge('last_commit_age_seconds', 'Time since a batch was stored.', [
      ...chain,
      'stage',
    ]),
    lastDepth: gauge('last_rollback_depth_blocks', 'Blocks that were last taken back.', chain),
    rollbacks: new Counter({
      name: 'bulkhead_rollbacks_total',
      help: 'Times that blocks were taken back.',
      labelNames: chain,
      registers: [registry],
    }),
  };
}

function setProgress(gauges: ReturnType<typeof progressIn>, status: SourceStatus): void {
  const labels = chainLabels(status);
  const { indexer, lag, finality, rollbacks, landedAt, committedAt } = status;
  if (indexer) {
    for (const state of INDEXER_STATES) {
      gauges.state.set({ ...labels, state: state.toLowerCase() }, state === indexer.state ? 1 : 0);
    }
    gauges.reportAge.set(labels, indexer.ageSeconds);
    gauges.failing.set(labels, secondsSince(indexer.failingSince) ?? 0);
  }
  const known: readonly (readonly [Gauge, number | null])[] = [
    [gauges.sourceHeight, lag.sourceHeight],
    [gauges.landed, status.landedBlock],
    [gauges.lagBlocks, lag.blocks],
    [gauges.lagSeconds, lag.seconds],
    [gauges.safe, finality.safeBlock],
    [gauges.final, finality.finalBlock],
    [gauges.lastDepth, rollbacks.last[0]?.depth ?? null],
  ];
  for (const [gauge, value] of known) if (value !== null) gauge.set(labels, value);
  gauges.rollbacks.inc(labels, rollbacks.count);
  for (const [stage, at] of [
    ['land', landedAt],
    ['project', committedAt],
  ] as const) {
    const seconds = secondsSince(at);
    if (seconds !== null) gauges.commitAge.set({ ...labels, stage }, seconds);
  }
}

function secondsSince(instant: string | null): number | null {
  return instant === null ? null : Math.max(0, Date.now() - Date.parse(instant)) / 1000;
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
