import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import RelayPlugin from '@pothos/plugin-relay';
import { UsageError } from '../schema/errors.ts';
import type { ApiContext } from './context.ts';
import { MAX_BREADTH, MAX_COST, MAX_DEPTH } from './limits.ts';
import type { Provenance } from './queries/answers.ts';
import type { LiquidationTotals } from './queries/records.ts';

interface SchemaTypes {
  Context: ApiContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  /** What every connection carries besides its page. */
  Connection: {
    readonly provenance: Provenance;
    /** Over the whole list, read only when asked for. */
    readonly countAll: () => Promise<number>;
    readonly sumAll?: () => Promise<LiquidationTotals>;
  };
  Scalars: {
    ID: { Input: string; Output: string };
    Decimal: { Input: string; Output: string };
    BigInt: { Input: string; Output: string };
    /** Inside: unix seconds for arguments, ISO text for answers. */
    DateTime: { Input: number; Output: string };
    /** Inside: seconds. */
    Duration: { Input: number; Output: number };
  };
}

/** Types of api/types register here; api/schema.ts builds the schema. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ComplexityPlugin, DataloaderPlugin, RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
    nodesOnConnection: true,
  },
  complexity: {
    defaultComplexity: 1,
    // Lists cost by the arguments that size them (pages, points), stated at their fields.
    defaultListMultiplier: 1,
    limit: { complexity: MAX_COST, depth: MAX_DEPTH, breadth: MAX_BREADTH },
    complexityError: (kind, result) =>
      new UsageError(`The query is too large: ${kind.toLowerCase()} over its limit.`, {
        facts: {
          cost: result.complexity,
          costLimit: MAX_COST,
          depth: result.depth,
          depthLimit: MAX_DEPTH,
          breadth: result.breadth,
          breadthLimit: MAX_BREADTH,
        },
        remedy: 'Ask for smaller pages, fewer points or fewer fields.',
      }),
  },
});

builder.queryType({
  description:
    'Margin, liquidations and oracle behavior of isolated-margin perpetuals, as of any indexed block.',
});

/** The field builder of objects with this shape. */
export type ObjectFields<Shape> = Parameters<
  Parameters<typeof builder.objectFields<ObjectRefOf<Shape>>>[1]
>[0];
type ObjectRefOf<Shape> = ReturnType<typeof builder.objectRef<Shape>>;
