import { keccak256, stringToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { Projector } from '../../../../indexer/projections/projector.ts';
import * as declared from '../../../../indexer/protocols/mux3/events.ts';
import { mux3 } from '../../../../indexer/protocols/mux3/index.ts';
import { feedKey, parameterKey } from '../../../../margin/inputs.ts';
import { assess } from '../../../../margin/rules/mux3/assess.ts';
import type { Mux3Market } from '../../../../margin/rules/mux3/market-state.ts';
import type { Mux3Position } from '../../../../margin/rules/mux3/position-state.ts';
import { mux3Rules } from '../../../../margin/rules/mux3/rules.ts';
import { decodeState } from '../../../../margin/state-codec.ts';
import { batchOf, encodeLog } from '../../../fixtures/encoded-logs.ts';
import {
  EMITTER,
  ETH_LONG,
  ETH_ORACLE,
  MUX3,
  opened,
  POOL_A,
  priceSet,
  tokenOracle,
  USD,
  USDC,
  WAD,
} from './made-up-account.ts';

const accrued = (value: bigint, block: number) =>
  encodeLog(
    EMITTER,
    declared.updateMarketBorrowing,
    { pool: POOL_A, marketId: ETH_LONG, feeRateApy: 1n, cumulatedBorrowingPerUsd: value },
    { block, transaction: block },
  );
const config = (name: string, value: string) =>
  encodeLog(MUX3, declared.setMarketConfig, {
    marketId: ETH_LONG,
    key: keccak256(stringToHex(name)),
    value,
  });

const LOGS = [
  encodeLog(MUX3, declared.addCollateralToken, { token: USDC, decimals: 6, isStable: true }),
  encodeLog(MUX3, declared.createMarket, {
    marketId: ETH_LONG,
    symbol: 'LETH',
    isLong: true,
    backedPools: [POOL_A],
  }),
  config('MM_ORACLE_ID', ETH_ORACLE),
  config('MM_MAINTENANCE_MARGIN_RATE', `0x${(10n ** 16n).toString(16).padStart(64, '0')}`),
  accrued(10n ** 15n, 1001),
  priceSet(ETH_ORACLE, 2000n * WAD, { block: 1001, transaction: 1001 }),
  priceSet(tokenOracle(USDC), WAD, { block: 1001, transaction: 1001 }),
  opened({ size: WAD, newSizes: [WAD] }, { block: 1001, transaction: 1001 }),
  accrued(3n * 10n ** 15n, 1002),
];

describe('a MUX3 position in the projections', () => {
  it('starts at the borrowing of its own transaction, and is judged from what is stored', async () => {
    const reader = mux3.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
    const { events = [], deadLetters } = reader?.normalize(batchOf(42161, LOGS)) ?? {};
    expect(deadLetters).toEqual([]);
    const rows = await new Projector().apply(events, new Map());
    const [position] = rows.get('position_states') ?? [];
    const market = rows.get('market_states')?.at(-1);
    const parameters = new Map(
      events.flatMap((event) => {
        const known = event.kind === 'parameter' ? mux3Rules.parameterOf(event) : null;
        return known ? [[known.key, known.value] as const] : [];
      }),
    );
    expect(parameters.get(parameterKey(ETH_LONG, 'maintenanceMarginRate'))).toBe(10n ** 16n);
    const state = decodeState<Mux3Market>(String(market?.['state']));
    expect(mux3Rules.feedsOf(state).map(({ token }) => token)).toEqual([
      ETH_ORACLE,
      tokenOracle(USDC),
    ]);
    const now = assess({
      position: decodeState<Mux3Position>(String(position?.['state'])),
      market: state,
      parameters,
      prices: new Map([
        [feedKey('mux3', ETH_ORACLE), { min: 1500n * WAD, max: 1500n * WAD }],
        [feedKey('mux3', tokenOracle(USDC)), { min: WAD, max: WAD }],
      ]),
      timestamp: 0,
    });
    expect(now).toMatchObject({
      equityUsd: 500n * USD,
      borrowFeeUsd: 3n * USD, // 0.2 % of 1500
      maintenanceMarginUsd: 18n * USD,
      isLiquidatable: false,
    });
  });
});
