import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../api/graphql-handler.ts';
import type {
  MarginChangeAnswer,
  MarginHistory,
  MarginHistoryPoint,
  Sampling,
} from '../../../api/queries/answers.ts';
import { sumBetweenKept } from '../../../api/queries/margin-attribution.ts';
import { marginHistory } from '../../../api/queries/margin-history.ts';
import { parsePositionId } from '../../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot } from '../../../api/queries/source-directory.ts';
import { type MarginChange, NO_CHANGE } from '../../../margin/attribution.ts';
import { parseFixed } from '../../../schema/units.ts';
import {
  askOf,
  dataOf,
  keepingLogger,
  type OpenStore,
  openArchiveStore,
  openCrashStore,
} from '../crash-store.ts';

const PARTS = [
  'priceUsd',
  'fundingUsd',
  'borrowingUsd',
  'feeUsd',
  'ownerUsd',
  'parameterUsd',
] as const;
const usd = (text: string): bigint => parseFixed(text, 30);

/** Each part summed over the points. */
function summed(points: readonly MarginHistoryPoint[]): bigint[] {
  return PARTS.map((part) =>
    points.reduce((sum, { change }) => sum + (change ? usd(change[part]) : 0n), 0n),
  );
}

function partsOf(change: MarginChangeAnswer): bigint {
  return PARTS.reduce((sum, part) => sum + usd(change[part]), 0n);
}

/** Every change is known but the first, and its parts are the difference of the equities shown. */
function expectExact(points: readonly MarginHistoryPoint[]): void {
  for (const [index, { change, closing, equityUsd, cause }] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined) expect(change).toBeNull();
    else {
      expect(usd(change!.totalUsd)).toBe(usd(equityUsd) - usd(before.equityUsd));
      expect(partsOf(change!)).toBe(usd(change!.totalUsd));
    }
    if (closing === null) expect(['CLOSE', 'LIQUIDATION']).not.toContain(cause);
    else {
      expect(usd(closing.totalUsd)).toBe(-usd(equityUsd));
      expect(partsOf(closing)).toBe(usd(closing.totalUsd));
    }
  }
}

class Archive {
  readonly store: OpenStore;
  readonly snapshot: Snapshot;

  private constructor(store: OpenStore, snapshot: Snapshot) {
    this.store = store;
    this.snapshot = snapshot;
  }

  static async of(store: OpenStore): Promise<Archive> {
    return new Archive(store, await openSnapshot(store.database));
  }

  history(id: string, sampling: Sampling, more: object = {}): Promise<MarginHistory> {
    const position = parsePositionId(this.snapshot, id);
    return marginHistory(this.snapshot, { position, sampling, withChanges: true, ...more });
  }

  async ids(): Promise<string[]> {
    const rows = await this.store.database.select<{ id: string }>(`
      SELECT DISTINCT concat(toString(chain_id), ':', venue, ':', position_key) AS id
      FROM position_states ORDER BY id`);
    return rows.map(({ id }) => id);
  }
}

describe('the causes of each change of equity, over the bundled crash archive', () => {
  const logger = keepingLogger();
  let archive: Archive;
  let ids: string[];

  beforeAll(async () => {
    archive = await Archive.of(await openCrashStore());
    ids = await archive.ids();
  });
  afterAll(async () => {
    await archive?.store.close();
  });

  // A fifth of the 236 positions: that the parts add up for any two instants is a law of test/laws/attribution.test.ts.
  it('sum exactly between all events of every fifth position', async () => {
    let changes = 0;
    const fifth = ids.filter((_id, index) => index % 5 === 0);
    for (const id of fifth) {
      const { points } = await archive.history(id, 'EVENTS');
      expectExact(points);
      changes += points.length - 1;
    }
    expect({ positions: ids.length, asked: fifth.length }).toEqual({ positions: 236, asked: 48 });
    expect(changes).toBeGreaterThan(100);
  });

  it('sum exactly between oracle updates, and over the points that thinning drops', async () => {
    for (const id of ids.filter((_id, index) => index % 48 === 0)) {
      const whole = await archive.history(id, 'ORACLE_UPDATES', { maxPoints: 5_000 });
      expectExact(whole.points);
      const thinned = await archive.history(id, 'ORACLE_UPDATES', { maxPoints: 20 });
      expectExact(thinned.points);
      expect(thinned.isDownsampled).toBe(whole.points.length > 20);
      expect(summed(thinned.points)).toEqual(summed(whole.points));
    }
  });

  it('sum exactly over a grid, with the events between its points told apart', async () => {
    const [id] = await eventful(8);
    const grid = await archive.history(id!, 'GRID', { intervalSeconds: 600 });
    const plain = await archive.history(id!, 'GRID', { intervalSeconds: 600, withChanges: false });
    expectExact(grid.points);
    expect(grid.points.every(({ cause }) => cause === 'GRID')).toBe(true);
    expect(grid.points.length).toBeGreaterThan(5);
    expect(grid.totalPoints).toBe(grid.points.length);
    expect(plain).toEqual({
      ...grid,
      points: grid.points.map((point) => ({ ...point, change: null, closing: null })),
    });
    const owner = summed(grid.points)[PARTS.indexOf('ownerUsd')];
    expect(owner).not.toBe(0n);
  });

  it('call a deposit the owner’s to the last unit: what came in before costs were taken from it', async () => {
    const rows = await archive.store.database.select<Record<string, string>>(`
      SELECT concat('42161:gmx-v2:', p.position_key) AS id, p.block_number AS block,
        toString(p.collateral_delta_raw + f.total_cost_raw) AS raw,
        toString(p.collateral_price_min) AS price
      FROM position_events AS p
      INNER JOIN fee_events AS f ON f.order_key = p.order_key AND f.type = 'FeesCharged'
      WHERE p.type = 'MarginAdded' ORDER BY p.block_number`);
    expect(rows.length).toBeGreaterThan(20);
    let told = 0;
    for (const { id, block, raw, price } of rows.slice(0, 30)) {
      const { points } = await archive.history(id!, 'EVENTS');
      const index = points.findIndex(({ blockNumber }) => String(blockNumber) === String(block));
      const change = points[index]?.change;
      if (!change || points[index - 1]?.closing) continue;
      expect(usd(change.ownerUsd)).toBe(BigInt(raw!) * BigInt(price!));
      told += 1;
    }
    expect(told).toBeGreaterThan(10);
  });

  it('tell the penalty of a liquidation as its fee, and what is left as the owner’s', async () => {
    const rows = await archive.store.database.select<Record<string, string>>(`
      SELECT concat('42161:gmx-v2:', position_key) AS id, block_number AS block, is_insolvent,
        toString(penalty_usd) AS penalty, toString(collateral_price_min) AS price
      FROM liquidations WHERE cause = 'LIQUIDATION' ORDER BY block_number`);
    expect(rows.length).toBeGreaterThan(20);
    const third = rows.filter((_row, index) => index % 3 === 0);
    for (const { id, block, penalty, price } of third) {
      const { points } = await archive.history(id!, 'EVENTS');
      const point = points.find(({ blockNumber }) => String(blockNumber) === String(block));
      const { feeUsd, ownerUsd } = point!.closing!;
      // Fees are cut to whole units of the collateral token, costs that accrue are not.
      const dust = usd(feeUsd) + BigInt(penalty!);
      expect(dust <= 0n ? -dust : dust).toBeLessThanOrEqual(2n * BigInt(price!));
      if (usd(point!.equityUsd) > BigInt(penalty!)) expect(usd(ownerUsd)).toBeLessThan(0n);
    }
  });

  it('come with a point however a query asks for them', async () => {
    const ask = askOf(createApi({ database: archive.store.database, logger }));
    const [id] = await eventful(4);
    const { points } = await archive.history(id!, 'EVENTS');
    const all = `totalUsd ${PARTS.join(' ')}`;
    for (const [name, selection] of Object.entries({
      field: `points { change { ${all} } }`,
      alias: `points { change: change { ...all } } ... on MarginHistory { totalPoints }`,
      spread: 'totalPoints ...causes',
    })) {
      const fragments = name === 'field' ? '' : `fragment all on MarginChange { ${all} }`;
      const causes =
        name === 'spread'
          ? 'fragment causes on MarginHistory { points { ... on MarginPoint { change { ...all } } } }'
          : '';
      const { position } = await dataOf(
        ask<{ position: { marginHistory: MarginHistory } }>(
          `query ($id: ID!) { position(id: $id) { marginHistory(sampling: EVENTS) { ${selection} } } }
           ${fragments} ${causes}`,
          { id },
        ),
      );
      expect(position.marginHistory.points, name).toEqual(points.map(({ change }) => ({ change })));
    }
    expect(logger.lines).toEqual([]);
  });

  /** Positions of one life with at least so many events. */
  async function eventful(least: number): Promise<string[]> {
    const rows = await archive.store.database.select<{ id: string }>(
      `SELECT concat('42161:gmx-v2:', position_key) AS id FROM position_states
       GROUP BY position_key HAVING count() >= {least:UInt32} AND max(life) = 1 ORDER BY id`,
      { least },
    );
    return rows.map(({ id }) => id);
  }
});

describe.each(['gmx-v1-crash-scenario', 'synthetix-v2-crash-2023-08-17'])('in %s', (name) => {
  let archive: Archive;

  beforeAll(async () => {
    archive = await Archive.of(await openArchiveStore(name));
  });
  afterAll(async () => {
    await archive?.store.close();
  });

  it('the causes sum exactly between all events of every sixth position', async () => {
    const ids = (await archive.ids()).filter((_id, index) => index % 6 === 0);
    let changes = 0;
    for (const id of ids) {
      const { points } = await archive.history(id, 'EVENTS');
      expectExact(points);
      changes += points.length;
    }
    expect(changes).toBeGreaterThan(40);
  });
});

describe('sums between the points that are kept', () => {
  const of = (ownerUsd: bigint): MarginChange => ({ ...NO_CHANGE, totalUsd: ownerUsd, ownerUsd });
  const step = (change: bigint | null, isKept: boolean) => ({
    change: change === null ? null : of(change),
    isKept,
  });

  it('add up what was dropped, from the first kept point on', () => {
    const steps = [step(null, false), step(9n, true), step(1n, false), step(2n, false)];
    expect(sumBetweenKept([...steps, step(3n, true), step(4n, true), step(5n, false)])).toEqual([
      null,
      of(6n),
      of(4n),
    ]);
  });

  it('are unknown where a dropped part is', () => {
    const steps = [step(null, true), step(1n, false), step(null, false), step(2n, true)];
    expect(sumBetweenKept([...steps, step(3n, true)])).toEqual([null, null, of(3n)]);
  });
});
