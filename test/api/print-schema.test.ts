import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printedSchema } from '../../api/print-schema.ts';

describe('printedSchema', () => {
  it('equals the committed schema', () => {
    expect(printedSchema()).toBe(readFileSync('schema/graphql/schema.graphql', 'utf8'));
  });

  it('has the root fields that others build on', () => {
    const fields = buildSchema(printedSchema()).getQueryType()?.getFields() ?? {};
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining([
        'status',
        'markets',
        'market',
        'positions',
        'position',
        'account',
        'liquidations',
        'liquidation',
        'liquidationMap',
        'liquidationHeatmap',
        'oracleFeeds',
        'oracleLatency',
      ]),
    );
  });
});
