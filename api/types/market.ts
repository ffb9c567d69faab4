import { CorruptDataError } from '../../schema/errors.ts';
import { parseId } from '../../schema/ids.ts';
import { builder } from '../builder.ts';
import type { ApiContext } from '../context.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { readMarkets } from '../queries/markets.ts';
import type { MarketRecord, SideInterest, SkewRecord } from '../queries/records.ts';
import { chooseSource, resolveBlock, snapshotAt } from '../queries/source-directory.ts';
import { SideEnum } from './enums.ts';
import { ProvenanceType, rowProvenance, TokenType } from './provenance.ts';

const SideInterestType = builder.objectRef<SideInterest>('SideInterest').implement({
  description: "Open interest of one side: the protocol's counter and the sum over our positions.",
  fields: (t) => ({
    side: t.expose('side', { type: SideEnum }),
    protocolUsd: t.expose('protocolUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Null where the venue logs no counter of its own.',
    }),
    positionsUsd: t.expose('positionsUsd', { type: 'Decimal' }),
    residualUsd: t.expose('residualUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Counter minus our sum: 0 proves that no position event was lost or doubled.',
    }),
    openPositions: t.exposeInt('openPositions'),
  }),
});

const SkewType = builder.objectRef<SkewRecord>('Skew').implement({
  description: 'Long minus short in index base units, where the venue counts only that.',
  fields: (t) => ({
    protocolBaseRaw: t.expose('protocolBaseRaw', { type: 'BigInt' }),
    positionsBaseRaw: t.expose('positionsBaseRaw', { type: 'BigInt' }),
    residualBaseRaw: t.expose('residualBaseRaw', { type: 'BigInt' }),
  }),
});

export const MarketType = builder.objectRef<MarketRecord>('Market').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    chainId: t.exposeInt('chainId'),
    venue: t.exposeString('venue'),
    address: t.exposeString('address'),
    symbol: t.exposeString('symbol', { nullable: true }),
    name: t.exposeString('name', { nullable: true }),
    indexToken: t.expose('indexToken', { type: TokenType }),
    longToken: t.expose('longToken', { type: TokenType }),
    shortToken: t.expose('shortToken', { type: TokenType }),
    poolAmountLongRaw: t.expose('poolAmountLongRaw', {
      type: 'BigInt',
      description:
        'Base units; 0 for venues whose markets have no pool of their own (all but GMX V2).',
    }),
    poolAmountShortRaw: t.expose('poolAmountShortRaw', { type: 'BigInt' }),
    openInterest: t.field({
      type: [SideInterestType],
      resolve: ({ openInterest }) => [...openInterest],
    }),
    skew: t.expose('skew', { type: SkewType, nullable: true }),
    updatedBlock: t.exposeInt('updatedBlock'),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    asOfBlock: t.exposeInt('asOfBlock'),
    provenance: t.field({ type: ProvenanceType, resolve: rowProvenance('market') }),
  }),
});

/** Loads markets by `<id>@<block>`: one read a chain and block. */
export async function loadMarkets(
  keys: readonly string[],
  context: ApiContext,
): Promise<(MarketRecord | Error)[]> {
  const snapshot = await context.snapshot();
  const wanted = keys.map((key) => {
    const [id = '', block = '0'] = key.split('@');
    return { id, block: Number(block) };
  });
  const places = new Map(wanted.map(({ id, block }) => [`${parseId(id).chainId}@${block}`, block]));
  const read = await Promise.all(
    [...places].map(async ([place, block]) => {
      const named = snapshotAt(snapshot, block);
      const source = chooseSource(named, Number(place.split('@')[0]));
      return readMarkets(context.reader, { source, block });
    }),
  );
  const found = new Map(read.flat().map((market) => [`${market.id}@${market.asOfBlock}`, market]));
  return keys.map((key) => found.get(key) ?? new CorruptDataError('A market has no state.'));
}

builder.queryField('markets', (t) =>
  t.field({
    type: [MarketType],
    description: 'Markets of a chain as they stood at a block.',
    args: { chainId: t.arg.int(), venue: t.arg.string(), atBlock: t.arg.int() },
    complexity: { field: 50, multiplier: 50 },
    resolve: async (_root, { chainId, venue, atBlock }, context) => {
      const snapshot = await context.snapshot(atBlock);
      const source = chooseSource(snapshot, chainId);
      const { block } = await resolveBlock(context.reader, source, atBlock);
      return readMarkets(context.reader, { source, block, venue: venue ?? undefined });
    },
  }),
);

builder.queryField('market', (t) =>
  t.field({
    type: MarketType,
    nullable: true,
    args: {
      id: t.arg.id({ required: true, description: 'Market id; symbol or address where clear.' }),
      atBlock: t.arg.int(),
    },
    complexity: 50,
    resolve: async (_root, { id, atBlock }, context) => {
      const { source, venue, market } = parseMarketId(await context.snapshot(atBlock), id);
      const { block } = await resolveBlock(context.reader, source, atBlock);
      const [found] = await readMarkets(context.reader, { source, block, venue, market });
      return found ?? null;
    },
  }),
);
