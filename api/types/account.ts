import { builder } from '../builder.ts';
import { readAccount } from '../queries/account.ts';
import type { AccountRecord } from '../queries/records.ts';
import { chooseSource } from '../queries/source-directory.ts';
import { accountLiquidations, LiquidationTotalsType } from './liquidation.ts';
import { accountPositions } from './position.ts';
import { ProvenanceType } from './provenance.ts';

const AccountType = builder.objectRef<AccountRecord>('Account').implement({
  fields: (t) => ({
    address: t.exposeString('address'),
    chainId: t.exposeInt('chainId'),
    positionCount: t.exposeInt('positionCount'),
    openPositionCount: t.exposeInt('openPositionCount'),
    openSizeUsd: t.expose('openSizeUsd', { type: 'Decimal' }),
    liquidationTotals: t.expose('liquidationTotals', { type: LiquidationTotalsType }),
    positions: accountPositions(t),
    liquidations: accountLiquidations(t),
    provenance: t.expose('provenance', { type: ProvenanceType }),
    asOfBlock: t.exposeInt('asOfBlock'),
  }),
});

builder.queryField('account', (t) =>
  t.field({
    type: AccountType,
    description: 'What an address has and had; zeros for one never seen.',
    args: {
      address: t.arg.string({ required: true }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: 50,
    resolve: async (_root, { address, chainId, atBlock }, context) => {
      const snapshot = await context.snapshot(atBlock);
      return readAccount(snapshot, chooseSource(snapshot, chainId), address, atBlock);
    },
  }),
);
