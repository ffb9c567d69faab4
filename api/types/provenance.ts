import { parseId } from '../../schema/ids.ts';
import { builder } from '../builder.ts';
import type { ApiContext } from '../context.ts';
import type {
  Bucket,
  Coverage,
  CoverageAnswer,
  PriceRangeAnswer,
  Provenance,
  Token,
} from '../queries/answers.ts';
import { coverage, readCoverage } from '../queries/coverage.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import type { Methodology } from '../queries/methodologies.ts';
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

const MethodologyType = builder.objectRef<Methodology>('Methodology').implement({
  description: 'How an answer is made.',
  fields: (t) => ({
    id: t.exposeString('id', {
      description: 'Ids of the analytics (docs/analytics.md), then the name of the method.',
    }),
    name: t.exposeString('name'),
    version: t.exposeString('version', {
      description: 'Of the method, then + rules of the venue and parameters that it published.',
    }),
    formula: t.exposeString('formula', { description: 'In words and signs to check by hand.' }),
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
    methodology: t.expose('methodology', { type: MethodologyType }),
    coverage: t.field({
      type: CoverageType,
      nullable: true,
      description: 'Null where the answer does not rest on positions.',
      resolve: coverageBehind,
    }),
    isSynthetic: t.exposeBoolean('isSynthetic'),
    note: t.exposeString('note', { nullable: true }),
    caveats: t.exposeStringList('caveats'),
    digest: t.exposeString('digest', {
      description:
        'sha-256 of query, parameters, block hash and method. Equal digests: equal bytes.',
    }),
  }),
});

/** Read only when asked for: it is one query an answer. */
async function coverageBehind(provenance: Provenance, _args: object, context: ApiContext) {
  const { coverage, coverageOf, chainId, asOfBlock } = provenance;
  if (coverage !== null || coverageOf === undefined) return coverage;
  const source = chooseSource(await context.snapshot(), chainId);
  return readCoverage(context.reader, source, coverageOf, asOfBlock);
}

interface Row {
  readonly id: string;
  readonly chainId: number;
  readonly asOfBlock: number;
  /** Of a row that belongs to a market. */
  readonly marketId?: string;
}

/** Resolves the provenance of one row of the store, as of the block of the answer that holds it. */
export function rowProvenance(query: 'position' | 'liquidation' | 'market') {
  return async (row: Row, _args: object, context: ApiContext): Promise<Provenance> => {
    const source = chooseSource(await context.snapshot(), row.chainId);
    const { venue, key: market } = parseId(row.marketId ?? row.id);
    return makeProvenance({
      source,
      query,
      parameters: { id: row.id },
      asOf: await context.blockAt(source, row.asOfBlock),
      // Sizes come as logged; sums over positions, and USD worked out of amounts and prices, are ours.
      basis: query === 'position' ? 'OBSERVED' : 'DERIVED',
      method: query,
      version: '1',
      coverageOf: { venue, market },
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

const CoverageAnswerType = builder.objectRef<CoverageAnswer>('CoverageAnswer').implement({
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId', { nullable: true }),
    coverage: t.expose('coverage', { type: CoverageType }),
  }),
});

builder.queryField('coverage', (t) =>
  t.field({
    type: CoverageAnswerType,
    description:
      'Our open positions of a market, or of all of a chain, against the counters of the protocol.',
    args: { market: t.arg.id(), chainId: t.arg.int(), atBlock: t.arg.int() },
    complexity: 50,
    resolve: async (_root, { market: text, chainId, atBlock }, context) => {
      const snapshot = await context.snapshot(atBlock);
      const market = text ? parseMarketId(snapshot, text, chainId) : null;
      const source = market?.source ?? chooseSource(snapshot, chainId);
      return coverage(context.reader, { source, market, atBlock });
    },
  }),
);
