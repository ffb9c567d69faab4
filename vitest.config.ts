import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longest first by what they do, so that the last file to begin is a short one: nobody waits for it alone. */
const LONG = [
  'test/e2e/',
  'test/api/at-block',
  'test/indexer/store/',
  'test/indexer/pipeline/',
  'test/api/',
  'test/schema/clickhouse/',
  'test/indexer/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const name = relative(import.meta.dirname, moduleId);
      const place = LONG.findIndex((start) => name.startsWith(start));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  resolve: {
    // Pothos loads graphql as CommonJS and tests as ESM: two copies refuse each other's schema.
    alias: { graphql: createRequire(import.meta.url).resolve('graphql') },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/archive-cache.ts'],
    // The embedded engine crashes in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // A machine that is shared with others is ten times slower at times.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
