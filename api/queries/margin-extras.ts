import type { MarginCarryAnswer } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import { carryCaveats, carryOf, toCarryAnswer } from './margin-carry.ts';
import { type JudgeContext, judge, type Step, type VisibleStep } from './margin-judging.ts';
import type { MarginSample } from './margin-samples.ts';
import { type BlockRef, tokenOf } from './source-directory.ts';
import type { Reader } from './stored-query.ts';
import {
  readVariances,
  type VarianceAt,
  type VolatilityModel,
  volatilityCaveat,
} from './volatility.ts';

/** What a judgement may show besides, at a cost. */
export interface ExtrasRequest {
  /** Say what time alone does at each point kept: some ten judgements more each. */
  readonly withCarry?: boolean | undefined;
  /** Put each distance in units of volatility; the answer is then MODELED. */
  readonly volatility?: VolatilityModel | null | undefined;
}

export function extrasCaveats(venue: string, request: ExtrasRequest): string[] {
  return [
    ...(request.withCarry ? carryCaveats(venue) : []),
    ...(request.volatility ? [volatilityCaveat(request.volatility)] : []),
  ];
}

export interface Extras {
  readonly carry: MarginCarryAnswer | null;
  readonly variance: number | null;
}

/** What was asked for besides, at each kept step: not worth its cost at those that thinning drops. */
export async function readExtras(
  reader: Reader,
  kept: readonly VisibleStep[],
  request: ExtrasRequest,
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
