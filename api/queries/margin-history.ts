import { UsageError } from '../../schema/errors.ts';
import { marketId } from '../../schema/ids.ts';
import { DEFAULT_HISTORY_POINTS, MAX_HISTORY_POINTS } from '../limits.ts';
import type { MarginHistory, MarginHistoryMark, MarginHistoryPoint, Sampling } from './answers.ts';
import {
  ChangeWalk,
  readSettlements,
  sumBetweenKept,
  toMarginChange,
} from './margin-attribution.ts';
import { type Extras, type ExtrasRequest, extrasCaveats, readExtras } from './margin-extras.ts';
import { isVisible, judgeSamples, type Step, type VisibleStep } from './margin-judging.ts';
import { collectSamples, readEventPrices } from './margin-samples.ts';
import { marketSymbol } from './market-names.ts';
import type { MarketRef } from './market-ref.ts';
import { readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import {
  idOf,
  type PositionRef,
  type PositionStateRow,
  readPositionHistory,
} from './position-history.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot } from './source-directory.ts';
import { leastPoints, type Measure, thinPoints } from './thin-points.ts';
import { toPointVolatility, type VolatilityModel } from './volatility.ts';

const METHOD = 'margin-history';

export interface MarginHistoryRequest extends ExtrasRequest {
  readonly position: PositionRef;
  /** Half-open, unix seconds. Default: from the first opening to the as-of block, which is in. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly sampling?: Sampling | null | undefined;
  /** GRID only. Default: one hour. */
  readonly intervalSeconds?: number | null | undefined;
  readonly maxPoints?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
  /** Attribute each change of the equity to its causes: one to three judgements more a point. */
  readonly withChanges?: boolean | undefined;
}

/** The series of a history whose extremes a thinned one keeps. */
const THINNED: readonly Measure<VisibleStep>[] = [
  ({ point }) => point.marginRatio,
  ({ point }) => point.healthFactor,
  ({ equityUsd }) => equityUsd,
  ({ point }) => point.distance,
];

/**
 * How a position's margin went, every point judged exactly by the venue's rules. A series longer
 * than `maxPoints` keeps the extremes of its margin ratio.
 * @throws UsageError on an unknown position, a window that is empty, or one that is too large.
 */
export async function marginHistory(
  snapshot: Snapshot,
  request: MarginHistoryRequest,
): Promise<MarginHistory> {
  const { position } = request;
  const { reader } = snapshot;
  const asOf = await resolveBlock(reader, position.source, request.atBlock);
  const history = await readPositionHistory(reader, position, asOf.block);
  const window = toWindow(request, history, asOf);
  const [first] = history;
  const scope = { source: position.source, venue: position.venue, market: first.market };
  const judged = await judgeWindow(snapshot, request, { history, window, asOf, scope });
  const { timeline } = judged;
  const given = judgedWith(timeline.readPublishedParameters());
  // The key is reused: a later life may be on the other side.
  const shown = history.findLast((row) => row.block_timestamp < window.to) ?? first;
  const visible = judged.steps.filter(isVisible);
  const kept = thinPoints(visible, window.maxPoints, THINNED);
  const extras = await readExtras(reader, kept, request, judged.context);
  const points = withSummedChanges(judged.steps, extras, request.volatility);
  return {
    provenance: makeProvenance({
      source: position.source,
      query: METHOD,
      parameters: { position: idOf(position), ...window, volatility: request.volatility },
      asOf,
      fromBlock: first.block_number,
      basis: request.volatility ? 'MODELED' : given.basis,
      method: METHOD,
      version: `2+${timeline.rules.method}${given.suffix}`,
      coverageOf: scope,
      caveats: [
        ...sideCaveats(history),
        ...given.caveats,
        ...judged.caveats,
        ...extrasCaveats(position.venue, request),
      ],
    }),
    positionId: idOf(position),
    account: first.account,
    marketId: marketId(position.source.chainId, position.venue, first.market),
    marketSymbol: marketSymbol(position.source, position.venue, first.market, timeline.indexToken),
    side: shown.is_long ? 'LONG' : 'SHORT',
    sampling: window.sampling,
    points,
    totalPoints: visible.length,
    isDownsampled: points.length < visible.length,
    marks: marksIn(history, window),
  };
}

/** Every instant of the window, judged. */
async function judgeWindow(
  { reader }: Snapshot,
  request: MarginHistoryRequest,
  asked: {
    readonly history: readonly PositionStateRow[];
    readonly window: ReturnType<typeof toWindow>;
    readonly asOf: BlockRef;
    readonly scope: MarketRef;
  },
) {
  const { position } = request;
  const { history, window, asOf, scope } = asked;
  // The tokens of a market never change, so its newest state names the feeds that matter.
  const { feeds } = await readMarketTimeline(reader, { ...scope, blocks: [asOf.block] });
  const samples = await collectSamples(reader, {
    ref: position,
    history,
    toBlock: asOf.block,
    feeds,
    withEvents: request.withChanges ?? false,
    ...window,
  });
  const blocks = samples.flatMap((sample) => [sample.block, sample.marketBlock]);
  const [timeline, eventPrices] = await Promise.all([
    readMarketTimeline(reader, { ...scope, blocks }),
    readEventPrices(reader, position, feeds, samples),
  ]);
  const walk = request.withChanges
    ? new ChangeWalk(
        timeline.rules,
        await readSettlements(reader, position, timeline.rules, samples),
      )
    : null;
  const context = { position, timeline, eventPrices, asOf };
  return { timeline, context, ...(await judgeSamples(samples, { ...context, walk })) };
}

function marksIn(
  history: readonly PositionStateRow[],
  { from, to }: { readonly from: number; readonly to: number },
): MarginHistoryMark[] {
  return history
    .filter((row) => row.block_timestamp >= from && row.block_timestamp < to)
    .map((row) => ({
      blockNumber: row.block_number,
      timestamp: isoTime(row.block_timestamp),
      cause: row.cause,
    }));
}

function sideCaveats(history: readonly PositionStateRow[]): string[] {
  const isTwoSided = new Set(history.map((row) => row.is_long)).size > 1;
  return isTwoSided
    ? ['The position was long and short in turn: `side` is that of its last life in the window.']
    : [];
}

function toWindow(
  request: MarginHistoryRequest,
  history: readonly [PositionStateRow, ...PositionStateRow[]],
  asOf: BlockRef,
) {
  const from = request.from ?? history[0].block_timestamp;
  // What lies after the as-of block is not known: no points for it.
  const to = Math.min(request.to ?? Number.POSITIVE_INFINITY, asOf.timestamp + 1);
  if (from >= to) {
    throw new UsageError('The window is empty: from must be before to.', {
      facts: { from: isoTime(from), to: isoTime(to) },
    });
  }
  const maxPoints = request.maxPoints ?? DEFAULT_HISTORY_POINTS;
  const least = leastPoints(THINNED.length);
  if (maxPoints < least || maxPoints > MAX_HISTORY_POINTS) {
    throw new UsageError('maxPoints is out of bounds.', {
      facts: { maxPoints, least, most: MAX_HISTORY_POINTS },
    });
  }
  const intervalSeconds = request.intervalSeconds ?? 3_600;
  if (intervalSeconds < 1) {
    throw new UsageError('interval must be at least one second.', { facts: { intervalSeconds } });
  }
  return { from, to, sampling: request.sampling ?? 'ORACLE_UPDATES', intervalSeconds, maxPoints };
}

/** The kept points; what changed at those left out is part of the next one's change. */
function withSummedChanges(
  steps: readonly Step[],
  kept: ReadonlyMap<Step, Extras>,
  model: VolatilityModel | null | undefined,
): MarginHistoryPoint[] {
  const isKept = (step: Step): step is VisibleStep => isVisible(step) && kept.has(step);
  const sums = sumBetweenKept(steps.map((step) => ({ change: step.change, isKept: isKept(step) })));
  return steps.filter(isKept).map((step, index) => {
    const extras = kept.get(step);
    return {
      ...step.point,
      change: toMarginChange(sums[index] ?? null),
      closing: toMarginChange(step.closing),
      carry: extras?.carry ?? null,
      volatility: model
        ? toPointVolatility(extras?.variance ?? null, step.point.distance, model)
        : null,
    };
  });
}
