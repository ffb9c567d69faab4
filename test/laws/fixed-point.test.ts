import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  applyExponentFactor,
  applyFactor,
  boundMagnitude,
  divide,
  FACTOR_ONE,
  integerSquareRoot,
  mulDiv,
  toFactor,
} from '../../margin/fixed-point.ts';

const signed = fc.bigInt(-(2n ** 255n), 2n ** 255n);
const positive = fc.bigInt(1n, 2n ** 255n);

describe('division with a named rounding', () => {
  it('is off by less than one unit and errs to the named side of zero', () => {
    fc.assert(
      fc.property(signed, positive, (value, divisor) => {
        const down = divide(value, divisor, 'down');
        const up = divide(value, divisor, 'up');
        expect(absolute(down) * divisor <= absolute(value)).toBe(true);
        expect(absolute(up) * divisor >= absolute(value)).toBe(true);
        expect(absolute(up) - absolute(down)).toBe(value % divisor === 0n ? 0n : 1n);
      }),
    );
  });

  it('treats a negative number as the mirror of its positive', () => {
    fc.assert(
      fc.property(signed, positive, positive, (value, numerator, divisor) => {
        for (const rounding of ['down', 'up'] as const) {
          const there = mulDiv(value, numerator, divisor, rounding);
          expect(mulDiv(-value, numerator, divisor, rounding)).toBe(-there);
        }
      }),
    );
  });

  it('refuses a divisor that is not positive', () => {
    expect(() => divide(1n, 0n, 'down')).toThrow(RangeError);
    expect(() => mulDiv(1n, 1n, -1n)).toThrow(RangeError);
  });
});

describe('factors', () => {
  it('give back at most the value they were made from', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 45n), fc.bigInt(1n, 10n ** 45n), (value, divisor) => {
        const back = applyFactor(divisor, toFactor(value, divisor));
        expect(back <= value).toBe(true);
        expect(value - back <= divisor / FACTOR_ONE + 1n).toBe(true);
      }),
    );
  });

  it('of nothing are zero, whatever the divisor', () => {
    expect(toFactor(0n, 0n)).toBe(0n);
  });
});

describe('bounds on a magnitude', () => {
  it('keep the sign and stay within', () => {
    fc.assert(
      fc.property(signed, positive, positive, (value, a, b) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const bounded = boundMagnitude(value, min, max);
        expect(absolute(bounded) >= min && absolute(bounded) <= max).toBe(true);
        expect(bounded < 0n).toBe(value < 0n);
      }),
    );
  });
});

describe('powers of factors', () => {
  const value = fc.bigInt(FACTOR_ONE, 10n ** 42n);

  it('are zero below one and the value itself for an exponent of one', () => {
    fc.assert(
      fc.property(value, fc.bigInt(0n, FACTOR_ONE - 1n), (large, small) => {
        expect(applyExponentFactor(large, FACTOR_ONE)).toBe(large);
        expect(applyExponentFactor(small, 2n * FACTOR_ONE)).toBe(0n);
      }),
    );
  });

  it('come within a part in 10^12 of the square', () => {
    fc.assert(
      fc.property(value, (base) => {
        const square = (base * base) / FACTOR_ONE;
        const error = absolute(applyExponentFactor(base, 2n * FACTOR_ONE) - square);
        expect(error <= square / 10n ** 12n + 10n ** 12n).toBe(true);
      }),
    );
  });

  it('carry the contract’s own error in the last digits', () => {
    const wei = 10n ** 12n;
    const power = (base: bigint, exponent: bigint) =>
      applyExponentFactor(base * wei, exponent * wei) / wei;
    // 18-digit fixed point as prb-math 2.4 rounds it; the true value of 10^2.2 ends in …348522.
    expect(power(2n * 10n ** 18n, 15n * 10n ** 17n)).toBe(2828427124746190097n);
    expect(power(10n ** 19n, 22n * 10n ** 17n)).toBe(158489319246111345167n);
    expect(power(123456789012345678901234567n, 2n * 10n ** 18n)).toBe(
      15241578753238836492232911894152787n,
    );
  });

  it('grow beyond the contract’s range only by an error', () => {
    expect(() => applyExponentFactor(10n ** 60n, 10n * FACTOR_ONE)).toThrow(RangeError);
  });
});

describe('the integer square root', () => {
  it('is the largest integer whose square fits', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 400n), (square) => {
        const root = integerSquareRoot(square);
        expect(root * root <= square && (root + 1n) * (root + 1n) > square).toBe(true);
      }),
    );
  });
});
