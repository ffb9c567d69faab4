import { InvalidArgumentError } from 'commander';

/** Parser of a whole-number flag within bounds. */
export function integerFlag(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

export const blockFlag = integerFlag(0, Number.MAX_SAFE_INTEGER);
export const portFlag = integerFlag(0, 65_535);

/** Parser of names with commas between them; each once. */
export function namesFlag(text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  if (names.every((name) => /^[a-z0-9-]{1,40}$/.test(name))) return names;
  throw new InvalidArgumentError('Give names like gmx-v2,chainlink.');
}
