import type { JudgedInstant } from '../../margin/attribution.ts';
import type { PriceRange } from '../../margin/inputs.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { MarginPoint } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import type { ChangeWalk, SampleChanges } from './margin-attribution.ts';
import { toMarginPoint } from './margin-point.ts';
import type { MarginSample, PricesAtEvent } from './margin-samples.ts';
import type { MarketTimeline } from './market-timeline.ts';
import type { PositionRef } from './position-history.ts';
import { collateralOf, tokenOf } from './source-directory.ts';

export interface JudgeContext {
  readonly position: PositionRef;
  readonly timeline: MarketTimeline;
  readonly eventPrices: PricesAtEvent;
  /** null where nobody asks for causes. */
  readonly walk: ChangeWalk | null;
}

/** What one sample came to; no point where it cannot be judged. */
export interface Step extends SampleChanges {
  readonly sample: MarginSample;
  readonly point: MarginPoint | null;
  /** USD 1e30. */
  readonly equityUsd: bigint | null;
}

export interface VisibleStep extends Step {
  readonly point: MarginPoint;
}

export function isVisible(step: Step): step is VisibleStep {
  return step.point !== null && !step.sample.isHidden;
}

export async function judgeSamples(
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
export function judge(sample: MarginSample, context: JudgeContext): JudgedInstant {
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
