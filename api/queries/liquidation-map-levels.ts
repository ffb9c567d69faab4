import { UsageError } from '../../schema/errors.ts';
import { MAX_DEFAULT_JUDGEMENTS } from '../limits.ts';
import { countJudgements, type LedgerScope } from './liquidation-ledger.ts';
import type { HeatmapLayer, LevelSource, MassMeasure } from './liquidation-map-answers.ts';
import type { MarketTimeline } from './market-timeline.ts';
import type { Reader } from './stored-query.ts';

/** What the ledger of levels keeps; the others are of the price of an instant. */
const LEDGER_MEASURES: readonly MassMeasure[] = ['NOTIONAL_AT_LIQUIDATION', 'COLLATERAL', 'COUNT'];
/** What a judgement of instants can tell; the others are what happened between them. */
const JUDGED_LAYERS: readonly HeatmapLayer[] = ['PROSPECTIVE', 'REALIZED'];

export const LEDGER_CAVEAT =
  'levels LEDGER: each level, collateral and leverage is as of the last event of its position or, where its cell ' +
  'changed, the last full hour.';

/**
 * Where the levels of an answer come from: as asked; else judged while that costs few judgements and
 * can tell what is asked, else the ledger.
 * @throws UsageError where what is asked cannot be had from the source that is asked for.
 */
export async function chooseLevels(
  reader: Reader,
  asked: LevelSource | null | undefined,
  request: {
    readonly scope: LedgerScope;
    readonly layers: readonly HeatmapLayer[];
    /** Blocks at which positions would be judged. */
    readonly ends: readonly number[];
  },
): Promise<LevelSource> {
  const { scope, layers, ends } = request;
  const isOfInstant = !LEDGER_MEASURES.includes(scope.measure);
  const between = layers.filter((layer) => !JUDGED_LAYERS.includes(layer));
  if (between.length > 0 && (isOfInstant || asked === 'JUDGED')) {
    throw new UsageError('Those layers are known from the ledger of levels only.', {
      facts: { layers: between.join(', '), measure: scope.measure, levels: asked ?? 'null' },
      remedy: `Leave levels out or give LEDGER, with one of the measures ${LEDGER_MEASURES.join(', ')}.`,
    });
  }
  if (isOfInstant && asked === 'LEDGER') {
    throw new UsageError('The ledger of levels does not know that measure: it is of an instant.', {
      facts: { measure: scope.measure },
      remedy: `Give levels: JUDGED, or one of the measures ${LEDGER_MEASURES.join(', ')}.`,
    });
  }
  if (asked) return asked;
  if (between.length > 0) return 'LEDGER';
  if (isOfInstant || !layers.includes('PROSPECTIVE')) return 'JUDGED';
  const judgements = await countJudgements(reader, scope, ends);
  return judgements > MAX_DEFAULT_JUDGEMENTS ? 'LEDGER' : 'JUDGED';
}

/** What a LEDGER answer says of positions without a known level. */
export function ledgerUnknown(levels: number): string[] {
  if (levels === 0) return [];
  return [`${levels} levels left out: a price or parameter that their rules need was missing.`];
}

/**
 * Whether levels of the ledger may rest on parameters that the venue published: whether one was in
 * force at these blocks (rising). What each judgement read was not kept.
 */
export function mayHaveReadPublished(timeline: MarketTimeline, blocks: readonly number[]): boolean {
  for (const block of blocks) {
    const parameters = timeline.parametersAt(block);
    for (const key of parameters.keys()) parameters.get(key);
  }
  return timeline.readPublishedParameters();
}
