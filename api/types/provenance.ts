import { builder } from '../builder.ts';
import type { ApiContext } from '../context.ts';
import type { Bucket, Coverage, PriceRangeAnswer, Provenance, Token } from '../queries/answers.ts';
import { makeProvenance } from '../queries/provenance.ts';
import { chooseSource } from '../queries/source-directory.ts';
import { BasisEnum, FinalityEnum } from './enums.ts';

const CoverageType = builder.objectRef<Coverage>('Coverage').implement({
  description: "Our open positions against the protocol's own counter: the residual must be 0.",
  fields: (t) => ({
    positions: t.exposeInt('positions'),
    notionalUsd: t.expose('notionalUsd', { type: 'Decimal' }),
    protocolOpenInterestUsd: t.expose('protocolOpenInterestUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Null where no venue counts open interest in USD.',
    }),
    residualUsd: t.expose('residualUsd', { type: 'Decimal', nullable: true }),
    residualSkewRaw: t.expose('residualSkewRaw', {
      type: 'BigInt',
      description: 'Sum of |skew of the protocol − ours|, where a venue counts only the skew.',
    }),
    countedSides: t.exposeInt('countedSides', {
      description: 'Market sides with a counter of the protocol: how far the proof reaches.',
    }),
    sides: t.exposeInt('sides'),
  }),
});

export const ProvenanceType = builder.objectRef<Provenance>('Provenance').implement({
  description: 'Where an answer comes from.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    chain: t.exposeString('chain'),
    fromBlock: t.exposeInt('fromBlock'),
    asOfBlock: t.exposeInt('asOfBlock'),
    asOfTime: t.expose('asOfTime', { type: 'DateTime' }),
    finality: t.expose('finality', { type: FinalityEnum }),
    basis: t.expose('basis', { type: BasisEnum }),
    method: t.exposeString('method'),
    version: t.exposeString('version'),
    coverage: t.expose('coverage', { type: CoverageType, nullable: true }),
    isSynthetic: t.exposeBoolean('isSynthetic'),
    note: t.exposeString('note', { nullable: true }),
    caveats: t.exposeStringList('caveats'),
    digest: t.exposeString('digest', {
      description:
        'sha-256 of query, parameters, block hash and method. Equal digests: equal bytes.',
    }),
  }),
});

interface Row {
  readonly id: string;
  readonly chainId: number;
  readonly asOfBlock: number;
}

/** Resolves the provenance of one row of the store, as of the block of the answer that holds it. */
export function rowProvenance(query: 'position' | 'liquidation' | 'market') {
  return async (row: Row, _args: object, context: ApiContext): Promise<Provenance> => {
    const source = chooseSource(await context.snapshot(), row.chainId);
    return makeProvenance({
      source,
      query,
      parameters: { id: row.id },
      asOf: await context.blockAt(source, row.asOfBlock),
      // Sizes come as logged; sums over positions, and USD worked out of amounts and prices, are ours.
      basis: query === 'position' ? 'OBSERVED' : 'DERIVED',
      method: query,
      version: '1',
    });
  };
}

export const TokenType = builder.objectRef<Token>('Token').implement({
  fields: (t) => ({
    address: t.exposeString('address'),
    symbol: t.exposeString('symbol', { nullable: true }),
    decimals: t.exposeInt('decimals', {
      nullable: true,
      description: 'Null when nothing states them: prices of the token are then null too.',
    }),
  }),
});

export const PriceRangeType = builder.objectRef<PriceRangeAnswer>('PriceRange').implement({
  description: 'USD per whole token.',
  fields: (t) => ({
    token: t.expose('token', { type: TokenType }),
    minPriceUsd: t.expose('minPriceUsd', { type: 'Decimal', nullable: true }),
    maxPriceUsd: t.expose('maxPriceUsd', { type: 'Decimal', nullable: true }),
  }),
});

export const BucketType = builder.objectRef<Bucket>('Bucket').implement({
  fields: (t) => ({
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});
