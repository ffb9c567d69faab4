import type { JudgedInstant } from '../../margin/attribution.ts';
import type { PriceRange } from '../../margin/inputs.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { marketId } from '../../schema/ids.ts';
import { DEFAULT_HISTORY_POINTS, MAX_HISTORY_POINTS } from '../limits.ts';
import type {
  MarginCarryAnswer,
  MarginHistory,
  MarginHistoryPoint,
  MarginPoint,
  Sampling,
} from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import {
  ChangeWalk,
  readSettlements,
  type SampleChanges,
  sumBetweenKept,
  toMarginChange,
} from './margin-attribution.ts';
import { carryCaveats, carryOf, toCarryAnswer } from './margin-carry.ts';
import { toMarginPoint } from './margin-point.ts';
import {
  collectSamples,
  type MarginSample,
  type PricesAtEvent,
  readEventPrices,
} from './margin-samples.ts';
import { marketSymbol } from './market-names.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import {
  idOf,
  type PositionRef,
  type PositionStateRow,
  readPositionHistory,
} from './position-history.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import {
  type BlockRef,
  collateralOf,
  resolveBlock,
  type Snapshot,
  tokenOf,
} from './source-directory.ts';
import { leastPoints, type Measure, thinPoints } from './thin-points.ts';
import {
  readVariances,
  toPointVolatility,
  type VarianceAt,
  type VolatilityModel,
  volatilityCaveat,
} from './volatility.ts';

const METHOD = 'margin-history';

export interface MarginHistoryRequest {
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
  /** Say what time alone does at each point kept: some ten judgements more each. */
  readonly withCarry?: boolean | undefined;
  /** Put each distance in units of volatility; the answer is then MODELED. */
  readonly volatility?: VolatilityModel | null | undefined;
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
  const judged = await judgeSamples(samples, { position, timeline, eventPrices, walk });
  const given = judgedWith(timeline.readPublishedParameters());
  // The key is reused: a later life may be on the other side.
  const shown = history.findLast((row) => row.block_timestamp < window.to) ?? first;
  const visible = judged.steps.filter(isVisible);
  const kept = thinPoints(visible, window.maxPoints, THINNED);
  const extras = await readExtras(reader, kept, request, { position, timeline, eventPrices, asOf });
  const points = withSummedChanges(judged.steps, extras, request.volatility);
  const isModeled = Boolean(request.volatility);
  return {
    provenance: makeProvenance({
      source: position.source,
      query: METHOD,
      parameters: {
        position: idOf(position),
        ...window,
        volatility: request.volatility,
      },
      asOf,
      fromBlock: first.block_number,
      basis: isModeled ? 'MODELED' : given.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${given.suffix}`,
      coverageOf: scope,
      caveats: [
        ...sideCaveats(history),
        ...given.caveats,
        ...judged.caveats,
        ...(request.withCarry ? carryCaveats(position.venue) : []),
        ...(request.volatility ? [volatilityCaveat(request.volatility)] : []),
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
    marks: history
      .filter((row) => row.block_timestamp >= window.from && row.block_timestamp < window.to)
      .map((row) => ({
        blockNumber: row.block_number,
        timestamp: isoTime(row.block_timestamp),
        cause: row.cause,
      })),
  };
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
  const to = request.to ?? asOf.timestamp + 1;
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

interface JudgeContext {
  readonly position: PositionRef;
  readonly timeline: MarketTimeline;
  readonly eventPrices: PricesAtEvent;
  /** null where nobody asks for causes. */
  readonly walk: ChangeWalk | null;
}

/** What one sample came to; no point where it cannot be judged. */
interface Step extends SampleChanges {
  readonly sample: MarginSample;
  readonly point: MarginPoint | null;
  /** USD 1e30. */
  readonly equityUsd: bigint | null;
}

interface VisibleStep extends Step {
  readonly point: MarginPoint;
}

function isVisible(step: Step): step is VisibleStep {
  return step.point !== null && !step.sample.isHidden;
}

async function judgeSamples(
  samples: readonly MarginSample[],
  context: JudgeContext,
): Promise<{ steps: Step[]; caveats: string[] }> {
  const steps: Step[] = [];
  const missing = new Map<string, number>();
  const pause = new CooperativePause();
  for (const sample of samples) {
    await pause.breathe();
    const judged = tryToJudge(sample, context);
    if (judged instanceof CorruptDataError) {
      if (!sample.isHidden) missing.set(judged.message, (missing.get(judged.message) ?? 0) + 1);
      steps.push({ ...changesAt(sample, null, context), sample, point: null, equityUsd: null });
    } else {
      steps.push({
        ...changesAt(sample, judged, context),
        sample,
        point: pointOf(sample, judged, context),
        equityUsd: judged.assessment.equityUsd,
      });
    }
  }
  const asked = samples.filter((sample) => !sample.isHidden).length;
  const caveats = [...missing].map(
    ([reason, times]) => `${times} of ${asked} instants left out: ${reason}`,
  );
  return { steps, caveats };
}

function changesAt(
  sample: MarginSample,
  judged: JudgedInstant | null,
  { walk }: JudgeContext,
): SampleChanges {
  return walk ? walk.step(sample, judged) : { change: null, closing: null };
}

function tryToJudge(sample: MarginSample, context: JudgeContext): JudgedInstant | CorruptDataError {
  try {
    return judge(sample, context);
  } catch (error) {
    if (error instanceof CorruptDataError) return error;
    throw error;
  }
}

/** @throws CorruptDataError when a price, parameter or market state is not known at the instant. */
function judge(sample: MarginSample, context: JudgeContext): JudgedInstant {
  const { timeline } = context;
  const market = timeline.marketAt(sample.marketBlock);
  if (!market) throw new CorruptDataError('No state of the market is known then.');
  const prices = new Map<string, PriceRange>(timeline.pricesAt(sample.block));
  if (sample.logIndex !== null) {
    const posted = context.eventPrices(sample.block, sample.logIndex);
    for (const [feed, range] of posted) prices.set(feed, range);
  }
  const input = {
    position: decodeState<unknown>(sample.state.state),
    market: market.state,
    parameters: timeline.parametersAt(sample.block),
    prices,
    timestamp: sample.timestamp,
    block: sample.block,
  };
  return { input, assessment: timeline.rules.assess(input) };
}

function pointOf(
  sample: MarginSample,
  { assessment }: JudgedInstant,
  { position, timeline }: JudgeContext,
): MarginPoint {
  const { state } = sample;
  const indexToken = timeline.marketAt(sample.marketBlock)?.indexToken ?? timeline.indexToken;
  return toMarginPoint(
    {
      block: sample.block,
      timestamp: sample.timestamp,
      cause: sample.cause,
      sizeUsd: state.size_usd,
      collateralRaw: state.collateral_raw,
      indexToken: tokenOf(position.source, position.venue, indexToken),
      collateralToken: collateralOf(position.source, position.venue, state.collateral_token),
    },
    assessment,
  );
}

interface Extras {
  readonly carry: MarginCarryAnswer | null;
  readonly variance: number | null;
}

/** What was asked for besides, at each kept step: not worth its cost at those that thinning drops. */
async function readExtras(
  reader: Reader,
  kept: readonly VisibleStep[],
  request: MarginHistoryRequest,
  context: Omit<JudgeContext, 'walk'> & { readonly asOf: BlockRef },
): Promise<ReadonlyMap<Step, Extras>> {
  const { position, timeline, asOf } = context;
  const [feed] = timeline.feeds;
  const varianceAt: VarianceAt =
    request.volatility && feed
      ? await readVariances(reader, {
          chainId: position.source.chainId,
          feed,
          toBlock: asOf.block,
          window: request.volatility.window,
          instants: kept.map(({ sample }) => sample.timestamp),
        })
      : () => null;
  const extras = new Map<Step, Extras>();
  const pause = new CooperativePause();
  for (const step of kept) {
    await pause.breathe();
    extras.set(step, {
      carry: request.withCarry ? carryAt(step.sample, { ...context, walk: null }) : null,
      variance: varianceAt(step.sample.timestamp),
    });
  }
  return extras;
}

function carryAt(sample: MarginSample, context: JudgeContext): MarginCarryAnswer | null {
  const { position, timeline } = context;
  const indexToken = timeline.marketAt(sample.marketBlock)?.indexToken ?? timeline.indexToken;
  return toCarryAnswer(
    carryOf(timeline.rules, judge(sample, context)),
    tokenOf(position.source, position.venue, indexToken).priceDecimals,
  );
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
