import { describe, expect, it } from 'vitest';
import { venuesOf } from '../../../indexer/pipeline/chain-plan.ts';
import { methodDifference } from '../../../indexer/rebuild/current-projections.ts';

const NOW = 'gmx-v2/2 pyth/1 rules:gmx-v2/1 projections/1';

describe('the method of a commit', () => {
  it('is the same whatever the order of its parts', () => {
    expect(methodDifference(NOW, NOW)).toBeNull();
    expect(methodDifference('projections/1 pyth/1 rules:gmx-v2/1 gmx-v2/2', NOW)).toBeNull();
  });

  it('differs by an adapter, by the rules of a venue, or by the projections', () => {
    expect(methodDifference(NOW.replace('gmx-v2/2 ', 'gmx-v2/1 '), NOW)).toBe(
      'gmx-v2/1 → gmx-v2/2',
    );
    expect(methodDifference(NOW, NOW.replace('rules:gmx-v2/1', 'rules:gmx-v2/2'))).toBe(
      'rules:gmx-v2/1 → rules:gmx-v2/2',
    );
    expect(methodDifference(NOW, NOW.replace('projections/1', 'projections/2'))).toBe(
      'projections/1 → projections/2',
    );
  });

  it('of a release that named adapters only counts as made by other rules', () => {
    expect(methodDifference('gmx-v2/2 pyth/1', NOW)).toBe(
      'none → rules:gmx-v2/1, none → projections/1',
    );
  });

  it('names its venues and oracles, in the form of any release', () => {
    expect(venuesOf(NOW)).toEqual(['gmx-v2', 'pyth']);
    expect(venuesOf('gmx-v2/1')).toEqual(['gmx-v2']);
  });
});
