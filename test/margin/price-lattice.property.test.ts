import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceLattice } from '../../margin/price-lattice.ts';
import { ONE_E30 } from '../../schema/units.ts';

const WIDTHS = ['BPS_5', 'BPS_10', 'BPS_25', 'BPS_50', 'BPS_100'] as const;
/** Prices from 1e-9 to 1e9 USD. */
const price = fc.bigInt({ min: ONE_E30 / 10n ** 9n, max: ONE_E30 * 10n ** 9n });
const width = fc.constantFrom(...WIDTHS);

describe('PriceLattice', () => {
  it('puts every price into the one cell whose edges hold it', () => {
    fc.assert(
      fc.property(price, width, (value, cells) => {
        const lattice = new PriceLattice(cells);
        const k = lattice.cellOf(value) ?? Number.NaN;
        expect(lattice.edge(k) <= value && value < lattice.edge(k + 1)).toBe(true);
      }),
    );
  });

  it('gives an edge itself to the cell above it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 2000 }), width, (k, cells) => {
        const lattice = new PriceLattice(cells);
        expect(lattice.cellOf(lattice.edge(k))).toBe(k);
        expect(lattice.cellOf(lattice.edge(k) - 1n)).toBe(k - 1);
      }),
    );
  });

  it('merges whole base cells into a coarse one', () => {
    const base = new PriceLattice('BPS_5');
    for (const [cells, merged] of [
      ['BPS_10', 2],
      ['BPS_25', 5],
      ['BPS_50', 10],
      ['BPS_100', 20],
    ] as const) {
      const coarse = new PriceLattice(cells);
      for (const k of [-1000, -1, 0, 1, 777]) expect(coarse.edge(k)).toBe(base.edge(k * merged));
    }
  });

  it('keeps edges 5 basis points apart, whatever order they are asked in', () => {
    const lattice = new PriceLattice('BPS_5');
    for (const k of [20_000, -20_000, 5, 0, 14_786]) {
      const ratio = Number((lattice.edge(k + 1) * 10n ** 12n) / lattice.edge(k)) / 1e12;
      expect(ratio).toBeCloseTo(1.0005, 9);
    }
    expect(lattice.edgeText(0)).toBe('1');
    expect(lattice.edgeText(1)).toBe('1.0005');
    expect(Number(lattice.edgeText(14_786))).toBeCloseTo(1.0005 ** 14_786, 6);
  });

  it('has no cell for a price that is none or beyond all measure', () => {
    const lattice = new PriceLattice('BPS_5');
    for (const value of [0n, -1n, 10n ** 76n]) expect(lattice.cellOf(value)).toBeNull();
  });
});
