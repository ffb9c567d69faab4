import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEALTH_THRESHOLDS,
  type JudgedMargin,
  marginSpread,
  marginSpreadText,
  parseMarginSpread,
} from '../../margin/margin-spread.ts';
import { CorruptDataError } from '../../schema/errors.ts';

/** Any double that a ratio of two integers may be. */
const ratio = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0));

const judged: fc.Arbitrary<JudgedMargin> = fc.record({
  positionKey: fc
    .string({ unit: fc.constantFrom(...'0123abcdef'), minLength: 1 })
    .map((k) => `0x${k}`),
  isLong: fc.boolean(),
  notionalUsd: fc.bigInt({ min: 0n, max: 10n ** 40n }),
  marginRatio: ratio,
  healthFactor: ratio,
  isLiquidatable: fc.boolean(),
  liquidationPrice: fc.option(fc.bigInt({ min: 1n, max: 10n ** 40n })),
});
const positions = fc.uniqueArray(judged, { selector: ({ positionKey }) => positionKey });

describe('a spread of margins', () => {
  it('comes back from its text with every number as it was', () => {
    fc.assert(
      fc.property(positions, fc.nat(), (all, unjudged) => {
        const spread = marginSpread(all, unjudged);
        expect(parseMarginSpread(marginSpreadText(spread))).toEqual(spread);
      }),
    );
  });

  it('does not depend on the order of the positions', () => {
    fc.assert(
      fc.property(positions, (all) => {
        const text = marginSpreadText(marginSpread(all, 0));
        expect(marginSpreadText(marginSpread(all.toReversed(), 0))).toBe(text);
      }),
    );
  });

  it('counts each position once, and the nearest is the first of the least healthy', () => {
    fc.assert(
      fc.property(positions, (all) => {
        const { open, liquidatable, under, healthFactor, closest } = marginSpread(all, 0);
        expect(open.count).toBe(all.length);
        expect(open.notionalUsd).toBe(all.reduce((sum, one) => sum + one.notionalUsd, 0n));
        expect(liquidatable.count).toBe(all.filter((one) => one.isLiquidatable).length);
        expect(under.map(({ count }) => count)).toEqual(
          HEALTH_THRESHOLDS.map(
            (health) => all.filter((one) => (one.healthFactor ?? Infinity) < health).length,
          ),
        );
        const least = all
          .filter((one) => one.healthFactor !== null)
          .sort(
            (a, b) => a.healthFactor! - b.healthFactor! || (a.positionKey < b.positionKey ? -1 : 1),
          )[0];
        expect(closest?.positionKey).toBe(least?.positionKey);
        expect(healthFactor.byCount.min).toBe(least?.healthFactor ?? null);
      }),
    );
  });

  it.each(['', '{}', 'null', marginSpreadText({ ...marginSpread([], 0), unjudged: -1 })])(
    'is not read from any other text: %s',
    (text) => {
      expect(() => parseMarginSpread(text)).toThrow(CorruptDataError);
    },
  );
});
