/** Numbers and times as pictures show them. Fixed forms, never the machine's locale or time zone. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @example groupDigits('12345.6') // '12,345.6' */
export function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** USD in at most four significant characters. @example shortUsd(1_234_567) // '$1.23M' */
export function shortUsd(value: number): string {
  const sign = value < 0 ? '−' : '';
  const size = Math.abs(value);
  for (const [unit, suffix] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit * 0.9995) return `${sign}$${threeDigits(size / unit)}${suffix}`;
  }
  return `${sign}$${threeDigits(size)}`;
}

function threeDigits(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A price with the decimals that its step needs. @example priceText(1684.5, 0.5) // '1,684.5' */
export function priceText(value: number, step: number): string {
  const decimals = Math.min(10, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return groupDigits(value.toFixed(decimals));
}

/** @example secondsText(0.5) // '0.5 s'; secondsText(90) // '1.5 min' */
export function secondsText(value: number): string {
  if (Math.abs(value) < 120) return `${trimZeros(value.toFixed(1))} s`;
  if (Math.abs(value) < 7_200) return `${trimZeros((value / 60).toFixed(1))} min`;
  return `${trimZeros((value / 3_600).toFixed(1))} h`;
}

function trimZeros(text: string): string {
  return text.replace(/\.0+$/, '');
}

/** @example percentText(0.0123) // '1.2%' */
export function percentText(share: number): string {
  const percent = share * 100;
  const text = percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2);
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}%`;
}

/** @example dayText(Date.UTC(2023, 7, 17)) // '17 Aug' */
export function dayText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`;
}

/** @example clockText(Date.UTC(2023, 7, 17, 21, 44)) // '21:44' */
export function clockText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 16);
}

/** @example instantText('2023-08-17T21:44:05.000Z') // '17 Aug 2023 21:44:05 UTC' */
export function instantText(iso: string, withSeconds = true): string {
  const date = new Date(iso);
  const clock = date.toISOString().slice(11, withSeconds ? 19 : 16);
  return `${dayText(date.getTime())} ${date.getUTCFullYear()} ${clock} UTC`;
}

/** A window without saying anything twice. @example '17 Aug 2023 21:20 – 22:10 UTC' */
export function windowText(fromIso: string, toIso: string): string {
  const from = instantText(fromIso, false);
  const to = instantText(toIso, false);
  const [fromDay, fromYear] = [from.split(' ').slice(0, 2).join(' '), from.split(' ')[2]];
  const sameDay = from.split(' ').slice(0, 3).join(' ') === to.split(' ').slice(0, 3).join(' ');
  if (sameDay) return `${fromDay} ${fromYear} ${from.split(' ')[3]} – ${to.split(' ')[3]} UTC`;
  const sameYear = fromYear === to.split(' ')[2];
  const start = sameYear ? `${fromDay} ${from.split(' ')[3]}` : from.replace(' UTC', '');
  return `${start} – ${to}`;
}
