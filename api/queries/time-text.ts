import { UsageError } from '../../schema/errors.ts';

const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const ISO_DURATION = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/**
 * ISO-8601 date or time with a zone, or unix seconds → unix seconds (parts of a second are cut).
 * @throws UsageError on anything else.
 * @example parseTime('2023-08-17T21:44:00Z') // 1692308640
 */
export function parseTime(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value === 'string') {
    if (/^\d{1,11}$/.test(value)) return Number(value);
    const milliseconds = ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (milliseconds >= 0) return Math.floor(milliseconds / 1000);
  }
  throw new UsageError('That is not a time.', {
    facts: { time: String(value).slice(0, 80) },
    remedy: 'Write it as 2023-08-17T21:44:00Z, or as unix seconds.',
  });
}

/**
 * ISO-8601 duration of days, hours, minutes and seconds, or seconds → seconds, at least 1.
 * @throws UsageError on anything else.
 * @example parseDuration('PT5M') // 300
 */
export function parseDuration(value: unknown): number {
  const seconds = typeof value === 'string' ? durationSeconds(value) : value;
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 1) return seconds;
  throw new UsageError('That is not a duration.', {
    facts: { duration: String(value).slice(0, 80) },
    remedy: 'Write it as PT5M (days, hours, minutes, seconds), or as whole seconds.',
  });
}

function durationSeconds(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const match = ISO_DURATION.exec(text);
  if (!match) return Number.NaN;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
