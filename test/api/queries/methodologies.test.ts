import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { methodologyOf, registeredMethods } from '../../../api/queries/methodologies.ts';

describe('the registry of methods', () => {
  it('has a section of docs/analytics.md for every analytic it names', () => {
    const headings = readFileSync('docs/analytics.md', 'utf8').match(/^## .*$/gm) ?? [];
    const described = new Set(headings.map((heading) => heading.split(' ')[1]));
    const named = new Set(registeredMethods().flatMap(({ analytics }) => analytics));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((id) => !described.has(id))).toEqual([]);
  });

  it('states formulas as sentences', () => {
    for (const { name, formula } of registeredMethods()) {
      expect(formula, name).toMatch(/^.{20,}\.$/u);
    }
  });

  it('names analytics and method, and takes a version only with what else decided', () => {
    expect(methodologyOf('coverage', '1').id).toBe('C5 coverage');
    expect(methodologyOf('liquidation-map', '2+gmx-v2/1').version).toBe('2+gmx-v2/1');
    expect(() => methodologyOf('coverage', '12')).toThrow(/registered as version 1, not 12/);
  });
});
