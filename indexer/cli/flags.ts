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
