import { builder } from '../builder.ts';
import { DEFAULT_PAGE_SIZE } from '../limits.ts';
import type { PageArguments } from '../queries/page.ts';
import { ProvenanceType } from './provenance.ts';

/** A page costs its read, and what is asked of an item times its size. */
export function pageCost({ first, last }: PageArguments) {
  return { field: 20, multiplier: Math.max(1, first ?? last ?? DEFAULT_PAGE_SIZE) };
}

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'Items of the whole list, not of the page.',
    resolve: ({ countAll }) => countAll(),
  }),
);
builder.globalConnectionField('provenance', (t) =>
  t.field({ type: ProvenanceType, resolve: ({ provenance }) => provenance }),
);
