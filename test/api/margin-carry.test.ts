import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { marginAt } from '../../api/queries/margin-at.ts';
import { carryOf, HORIZON_SECONDS, type MarginCarry } from '../../api/queries/margin-carry.ts';
import { readMarketTimeline } from '../../api/queries/market-timeline.ts';
import { parsePositionId } from '../../api/queries/position-history.ts';
import { headOf, openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import type { MarginAssessment } from '../../margin/assessment.ts';
import type { JudgedInstant } from '../../margin/attribution.ts';
import { decodeState } from '../../margin/state-codec.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import { formatFixed } from '../../schema/units.ts';
import { type OpenStore, openArchiveStore } from './crash-store.ts';

interface OpenRow {
  readonly venue: string;
  readonly chain_id: number;
  readonly market: string;
  readonly position_key: string;
  readonly is_long: number | boolean;
  readonly size_base: string;
  readonly state: string;
}

/** One open position at the head of its chain, with all that its judgement needs. */
interface Case {
  readonly row: OpenRow;
  readonly rules: VenueRules;
  readonly instant: JudgedInstant;
  readonly carry: MarginCarry;
}

const surplus = (at: MarginAssessment) => at.equityUsd - at.maintenanceMarginUsd;

function later({ rules, instant }: Case, seconds: number): MarginAssessment {
  return rules.assess({ ...instant.input, timestamp: instant.input.timestamp + seconds });
}

/** One interval where a venue accrues in steps, else a minute. */
const spanOf = ({ rules, instant }: Case) => rules.accrualSeconds?.(instant.input.parameters) ?? 60;

/** Slope an hour at 0 of a curve through 0, its bend taken out by a second, longer chord. */
function tangent(span: number, change: (seconds: number) => number): number {
  return 3600 * ((2 * change(span)) / span - change(2 * span) / (2 * span));
}

async function casesOf(store: OpenStore, snapshot: Snapshot): Promise<Case[]> {
  const cases: Case[] = [];
  for (const source of snapshot.sources) {
    const rows = await store.database.select<OpenRow>(`
      SELECT venue, chain_id, market, position_key,
        argMax(is_long, (block_number, log_index, sub_index)) AS is_long,
        toString(argMax(size_base, (block_number, log_index, sub_index))) AS size_base,
        argMax(state, (block_number, log_index, sub_index)) AS state
      FROM position_states WHERE chain_id = ${source.chainId}
      GROUP BY venue, chain_id, market, position_key
      HAVING argMax(status, (block_number, log_index, sub_index)) = 'OPEN' ORDER BY position_key`);
    const { block, timestamp } = headOf(source);
    for (const market of new Set(rows.map((row) => row.market))) {
      const ofMarket = rows.filter((row) => row.market === market);
      const venue = ofMarket[0]!.venue;
      const timeline = await readMarketTimeline(store.database, {
        source,
        venue,
        market,
        blocks: [block],
      });
      for (const row of ofMarket) {
        const input = {
          position: decodeState<unknown>(row.state),
          market: timeline.marketAt(block)?.state,
          parameters: timeline.parametersAt(block),
          prices: timeline.pricesAt(block),
          timestamp,
          block,
        };
        const instant = { input, assessment: timeline.rules.assess(input) };
        const carry = carryOf(timeline.rules, instant)!;
        cases.push({ row, rules: timeline.rules, instant, carry });
      }
    }
  }
  return cases;
}

describe.each([
  { archives: ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'], least: 90 },
  { archives: ['synthetix-v2-crash-2023-08-17'], least: 20 },
])('what time alone does to the positions of $archives', ({ archives, least }) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let cases: Case[];

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
    cases = await casesOf(store, snapshot);
  });
  afterAll(async () => {
    await store?.close();
  });

  it('liquidates at the second of the countdown, and not a second before', () => {
    let counted = 0;
    for (const one of cases) {
      const { secondsToLiquidation: seconds } = one.carry;
      if (seconds === null || seconds === 0) {
        expect(one.instant.assessment.isLiquidatable).toBe(seconds === 0);
        continue;
      }
      expect(later(one, seconds).isLiquidatable, one.row.position_key).toBe(true);
      expect(later(one, seconds - 1).isLiquidatable, one.row.position_key).toBe(false);
      counted += 1;
    }
    expect(cases.length).toBeGreaterThanOrEqual(least);
    expect(counted).toBeGreaterThanOrEqual(10);
  });

  it('has no countdown where the surplus grows, or outlasts ten years', () => {
    for (const one of cases) {
      if (one.carry.secondsToLiquidation !== null) continue;
      const lost = surplus(one.instant.assessment) - surplus(later(one, HORIZON_SECONDS));
      const grows = one.carry.usdPerHour <= 0n;
      expect(grows || lost < surplus(one.instant.assessment), one.row.position_key).toBe(true);
    }
  });

  it('loses an hour what the exact rules lose in the next seconds', () => {
    for (const one of cases) {
      const span = spanOf(one);
      const hourly = tangent(span, (seconds) =>
        Number(surplus(one.instant.assessment) - surplus(later(one, seconds))),
      );
      const rounding = Number(one.instant.assessment.collateralPrice.max) * (3600 / span) * 4;
      expect(
        Math.abs(Number(one.carry.usdPerHour) - hourly),
        one.row.position_key,
      ).toBeLessThanOrEqual(Math.abs(hourly) * 1e-3 + rounding);
    }
  });

  it('moves the liquidation price as it is found again seconds later', () => {
    let moved = 0;
    for (const one of cases) {
      const now = one.instant.assessment;
      const drift = one.carry.priceDriftPerHour;
      if (now.liquidationPrice === null || drift === null) continue;
      const level = now.liquidationPrice;
      const span = spanOf(one);
      const found = tangent(span, (seconds) =>
        Number((later(one, seconds).liquidationPrice ?? level) - level),
      );
      // A fee is whole units of collateral: that much of the level's movement a step hides.
      const rounding = (Number(level) * 1e-6 * 3600) / span / 60 + 4 * (3600 / span);
      expect(Math.abs(Number(drift) - found), one.row.position_key).toBeLessThanOrEqual(
        Math.abs(found) * 0.01 + rounding,
      );
      if (drift !== 0n) moved += 1;
    }
    expect(moved).toBeGreaterThanOrEqual(10);
  });

  it('moves the level by side × carry ÷ size where the collateral is a dollar', () => {
    const dollars = cases.filter(
      ({ row, instant, carry }) =>
        row.venue === 'gmx-v2' &&
        // USDC, 6 decimals
        instant.assessment.collateralPrice.min > 9n * 10n ** 23n &&
        instant.assessment.collateralPrice.max < 11n * 10n ** 23n &&
        carry.priceDriftPerHour !== null,
    );
    for (const { row, carry } of dollars) {
      const perHour = Number(carry.priceDriftPerHour) * Number(row.size_base);
      const expected = Number(carry.usdPerHour) * (row.is_long ? 1 : -1);
      // The pending impact is paid in index tokens, so a little of it moves with the price too.
      expect(Math.abs(perHour - expected)).toBeLessThanOrEqual(Math.abs(expected) * 0.02 + 1e27);
    }
    expect(dollars.length > 10 || archives[0]?.startsWith('synthetix')).toBe(true);
  });

  it('is what marginAt shows of the same position', async () => {
    for (const { row, carry } of cases.slice(0, 4)) {
      const id = `${row.chain_id}:${row.venue}:${row.position_key}`;
      const position = parsePositionId(snapshot, id);
      const shown = await marginAt(snapshot, { position, withCarry: true });
      expect(shown?.carry).toMatchObject({
        usdPerHour: formatFixed(carry.usdPerHour, 30),
        secondsToLiquidation: carry.secondsToLiquidation,
      });
      expect(shown?.provenance.caveats.join()).toContain('only time passes');
      expect((await marginAt(snapshot, { position }))?.carry).toBeNull();
    }
  });
});
