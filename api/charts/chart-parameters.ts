import type { CellWidth } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';

import type { LevelSource } from '../queries/liquidation-map-answers.ts';
import type { PaintedLayer } from './liquidation-heatmap-chart.ts';
import type { ThemeName } from './theme.ts';

export const CHART_NAMES = [
  'margin-history',
  'margin-bands',
  'liquidation-heatmap',
  'map-score',
  'oracle-latency',
] as const;
export type ChartName = (typeof CHART_NAMES)[number];
export type ChartFormat = 'svg' | 'png';

export const WIDTH_BOUNDS = { least: 320, most: 2_400 } as const;
export const HEIGHT_BOUNDS = { least: 200, most: 1_600 } as const;
export const DPR_BOUNDS = { least: 1, most: 3 } as const;
/** A PNG is held whole in memory, four bytes a pixel. */
const MAX_PNG_PIXELS = 12_000_000;

export interface ChartParameters {
  readonly width: number;
  readonly height: number;
  readonly dpr: number;
  readonly theme: ThemeName;
  readonly showTitle: boolean;
  readonly market: string | null;
  readonly position: string | null;
  readonly chainId: number | null;
  /** Half-open, unix seconds. */
  readonly from: number | null;
  readonly to: number | null;
  readonly atBlock: number | null;
  readonly cells: CellWidth | null;
  /** Where the levels of a heatmap come from; null: by the cost, see the query. */
  readonly levels: LevelSource | null;
  /** What a heatmap is painted of; null: what stands. */
  readonly layer: PaintedLayer | null;
}

const COMMON = ['w', 'h', 'theme', 'title', 'from', 'to', 'block', 'chain'];
const OWN: Readonly<Record<ChartName, readonly string[]>> = {
  'margin-history': ['position'],
  'margin-bands': ['market'],
  'liquidation-heatmap': ['market', 'cells', 'levels', 'layer'],
  'map-score': ['market', 'cells'],
  'oracle-latency': ['market'],
};
const CELLS: Readonly<Record<string, CellWidth>> = {
  '5': 'BPS_5',
  '10': 'BPS_10',
  '25': 'BPS_25',
  '50': 'BPS_50',
  '100': 'BPS_100',
};

const LEVELS: Readonly<Record<string, LevelSource>> = { judged: 'JUDGED', ledger: 'LEDGER' };
const LAYERS: Readonly<Record<string, PaintedLayer>> = {
  prospective: 'PROSPECTIVE',
  created: 'CREATED',
  'moved-in': 'MOVED_IN',
  'moved-out': 'MOVED_OUT',
  closed: 'CLOSED',
  liquidated: 'LIQUIDATED',
  drift: 'DRIFT',
};

/** Names that a chart understands: anything else is refused, so that no cache can be flooded. */
export function knownParameters(chart: ChartName, format: ChartFormat): readonly string[] {
  return [...OWN[chart], ...COMMON, ...(format === 'png' ? ['dpr'] : [])];
}

/**
 * Parameters of a chart URL.
 * @throws UsageError on an unknown or repeated name and on a value out of bounds; the message says
 * what is allowed.
 */
export function parseChartParameters(
  chart: ChartName,
  format: ChartFormat,
  search: URLSearchParams,
): ChartParameters {
  const known = knownParameters(chart, format);
  for (const name of new Set(search.keys())) {
    if (!known.includes(name)) {
      throw new UsageError('This chart has no such parameter.', {
        facts: { parameter: name.slice(0, 60) },
        remedy: `Known parameters: ${known.join(', ')}.`,
      });
    }
    if (search.getAll(name).length > 1) {
      throw new UsageError('A parameter is given twice.', { facts: { parameter: name } });
    }
  }
  const parsed = {
    width: readInteger(search, 'w', WIDTH_BOUNDS) ?? 1_200,
    height: readInteger(search, 'h', HEIGHT_BOUNDS) ?? 620,
    dpr: readInteger(search, 'dpr', DPR_BOUNDS) ?? 1,
    theme: readChoice(search, 'theme', ['light', 'dark', 'auto']) ?? 'light',
    showTitle: readChoice(search, 'title', ['0', '1']) !== '0',
    market: readText(search, 'market'),
    position: readText(search, 'position'),
    chainId: readInteger(search, 'chain', { least: 1, most: Number.MAX_SAFE_INTEGER }),
    from: readTime(search, 'from'),
    to: readTime(search, 'to'),
    atBlock: readInteger(search, 'block', { least: 0, most: Number.MAX_SAFE_INTEGER }),
    cells: readNamed(search, 'cells', CELLS),
    levels: readNamed(search, 'levels', LEVELS),
    layer: readNamed(search, 'layer', LAYERS),
  };
  const pixels = parsed.width * parsed.height * parsed.dpr ** 2;
  if (pixels > MAX_PNG_PIXELS && format === 'png') {
    throw new UsageError('The picture would have too many pixels.', {
      facts: { pixels, most: MAX_PNG_PIXELS },
      remedy: 'Ask for a smaller w, h or dpr, or for the .svg.',
    });
  }
  return parsed;
}

function readText(search: URLSearchParams, name: string): string | null {
  const value = search.get(name);
  if (value === '') throw new UsageError('A parameter is empty.', { facts: { parameter: name } });
  return value;
}

function readInteger(
  search: URLSearchParams,
  name: string,
  bounds: { readonly least: number; readonly most: number },
): number | null {
  const value = readText(search, name);
  if (value === null) return null;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= bounds.least && number <= bounds.most)) {
    throw new UsageError('A parameter is out of bounds.', {
      facts: { parameter: name, value: value.slice(0, 40) },
      remedy: `Give a whole number from ${bounds.least} to ${bounds.most}.`,
    });
  }
  return number;
}

function readChoice<Choice extends string>(
  search: URLSearchParams,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const value = readText(search, name);
  if (value === null) return null;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) {
    throw new UsageError('A parameter has no such value.', {
      facts: { parameter: name, value: value.slice(0, 40) },
      remedy: `Choose one of: ${choices.join(', ')}.`,
    });
  }
  return choice;
}

function readNamed<Value>(
  search: URLSearchParams,
  name: string,
  values: Readonly<Record<string, Value>>,
): Value | null {
  const value = readChoice(search, name, Object.keys(values));
  return value === null ? null : (values[value] ?? null);
}

/** Unix seconds, or ISO-8601 in UTC. @example '2023-08-17T21:30:00Z' */
function readTime(search: URLSearchParams, name: string): number | null {
  const value = readText(search, name);
  if (value === null) return null;
  if (/^\d{1,12}$/.test(value)) return Number(value);
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(value);
  const milliseconds = isTime ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new UsageError('A parameter is not a time.', {
      facts: { parameter: name, value: value.slice(0, 40) },
      remedy: 'Give unix seconds, or UTC as 2023-08-17T21:30:00Z.',
    });
  }
  return Math.floor(milliseconds / 1000);
}
