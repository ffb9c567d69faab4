import { clockText, dayText } from './number-text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  182 * DAY,
  364 * DAY,
];

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  readonly step: number;
}

const FEWEST_TICKS = 3;

/** Round steps (1, 2, 5 × 10^n) inside [min, max], about `count` of them, at least three. */
export function linearScale(min: number, max: number, count: number): Scale {
  const span = max > min ? max - min : Math.max(Math.abs(max), 1) * 0.02;
  const low = max > min ? min : min - span / 2;
  const rough = span / Math.max(2, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [0.2, 0.5, 1, 2, 5, 10].map((unit) => unit * power);
  const fitting = steps.findIndex((step) => step >= rough);
  for (const step of steps.slice(0, fitting + 1).reverse()) {
    const ticks = multiplesInside(step, low, low + span);
    if (ticks.length >= FEWEST_TICKS) return { min: low, max: low + span, ticks, step };
  }
  return { min: low, max: low + span, ticks: [low, low + span], step: span };
}

function multiplesInside(step: number, min: number, max: number): number[] {
  const ticks: number[] = [];
  for (let index = Math.ceil(min / step - 1e-9); index * step <= max + step * 1e-9; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

export interface TimeScale extends Scale {
  /** Label of a tick: clock, or the day at midnight. */
  readonly label: (milliseconds: number) => string;
}

/** UTC times on round steps inside [min, max] (milliseconds), at most `count` of them. */
export function timeScale(min: number, max: number, count: number): TimeScale {
  const span = Math.max(max - min, MINUTE);
  const step =
    TIME_STEPS.find((candidate) => span / candidate <= Math.max(2, count)) ??
    Math.ceil(span / DAY) * DAY;
  const ticks: number[] = [];
  for (let time = Math.ceil(min / step) * step; time <= min + span; time += step) ticks.push(time);
  const first = ticks[0];
  const label = (time: number) => {
    if (time % DAY === 0) return dayText(time);
    return time === first ? `${clockText(time)}\n${dayText(time)}` : clockText(time);
  };
  return { min, max: min + span, ticks, step, label };
}
