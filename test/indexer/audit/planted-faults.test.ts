import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChainAudit } from '../../../indexer/audit/audit-chain.ts';
import type { CheckName, Finding } from '../../../indexer/audit/findings.ts';
import { COMMIT_ENDS, openPlantedStore, type PlantedStore } from './planted-store.ts';

const LAST = COMMIT_ENDS.at(-1) as number;

describe('a planted fault is found by the check that is meant for it', () => {
  let planted: PlantedStore;

  beforeAll(async () => {
    planted = await openPlantedStore();
  }, 120_000);
  afterEach(async () => {
    await planted.restore();
  });
  afterAll(async () => {
    await planted?.close();
  });

  const withSource = () => ({
    source: {
      name: 'the archive',
      selections: planted.plan.selections,
      open: async () => planted.endpoint,
    },
  });
  /** First place of a row that meets a condition, as SQL that picks this row only. */
  const oneRow = async (table: string, condition: string) => {
    const [row] = await planted.database.select<{ block: string; log: number }>(
      `SELECT block_number AS block, log_index AS log FROM ${table} WHERE ${condition}
       ORDER BY block_number, log_index LIMIT 1`,
    );
    if (!row) throw new Error(`no row in ${table} where ${condition}`);
    return {
      block: Number(row.block),
      where: `block_number = ${row.block} AND log_index = ${row.log}`,
    };
  };
  const of = (audit: ChainAudit, check: CheckName): readonly Finding[] =>
    audit.findings.filter((finding) => finding.check === check);
  const expectNothingElse = (audit: ChainAudit, ...checks: CheckName[]) => {
    expect([...new Set(audit.findings.map(({ check }) => check))].sort()).toEqual(checks.sort());
    expect(audit.ok).toBe(false);
  };

  it('finds nothing in the sound store, with every check at work', async () => {
    const audit = await planted.audit({ ...withSource(), sample: 'full' });
    expect(audit.findings).toEqual([]);
    expect(audit.ok).toBe(true);
    expect(audit.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'commits ok',
      'identities ok',
      'hash-chain ok',
      'rebuild ok',
      'source ok',
      'open-interest ok',
      'dead-letters ok',
      'state ok',
    ]);
  });

  it('a removed raw log: its commit counts one more, and the source has it', async () => {
    const { block, where } = await oneRow('raw_logs', 'block_number > 505');
    await planted.remove('raw_logs', where);
    const audit = await planted.audit(withSource());
    expect(of(audit, 'commits')).toEqual([
      expect.objectContaining({ table: 'raw_logs', fromBlock: 501, toBlock: 530, count: 1 }),
    ]);
    expect(of(audit, 'commits')[0]?.message).toMatch(/^1 row missing: the commit of blocks 501/);
    expect(of(audit, 'source')).toEqual([
      expect.objectContaining({ table: 'raw_logs', fromBlock: block, count: 1 }),
    ]);
    expect(of(audit, 'source')[0]?.remedy).toContain(`--to ${block - 1}`);
  });

  it('a removed derived row: its commit counts one more', async () => {
    const { where } = await oneRow('oracle_updates', 'block_number > 505');
    await planted.remove('oracle_updates', `${where} AND sub_index = 0`);
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'oracle_updates', fromBlock: 501, toBlock: 530, count: 1 }),
    ]);
    expect(audit.findings[0]?.remedy).toContain('takes back what does not add up');
  });

  it.each(['raw_logs', 'position_states'])('a doubled row of %s', async (table) => {
    const { block, where } = await oneRow(table, 'block_number > 440');
    await planted.double(table, where);
    const audit = await planted.audit();
    expectNothingElse(audit, 'identities', 'commits');
    expect(of(audit, 'identities')).toEqual([
      expect.objectContaining({ table, fromBlock: block, toBlock: block, count: 1 }),
    ]);
    expect(of(audit, 'identities')[0]?.message).toContain('stored more than once');
    expect(of(audit, 'commits')[0]?.message).toMatch(/^1 row too many/);
  });

  it('a changed byte in the data of a raw log: the rebuild and the source tell it', async () => {
    const { block } = await oneRow('position_events', 'block_number > 505');
    const { where } = await oneRow('position_events', `block_number = ${block}`);
    await planted.change('raw_logs', where, {
      // Still a log that can be read.
      data: "replaceOne(data, unhex('01'), unhex('02'))",
    });
    const audit = await planted.audit({ ...withSource(), sample: 'full' });
    expect(of(audit, 'source')).toEqual([
      expect.objectContaining({ table: 'raw_logs', fromBlock: block, toBlock: block, count: 1 }),
    ]);
    expect(of(audit, 'source')[0]?.message).toContain('has another content at the source');
    expect(of(audit, 'rebuild').length).toBeGreaterThan(0);
    expect(of(audit, 'rebuild').every(({ fromBlock }) => fromBlock >= block)).toBe(true);
    expectNothingElse(audit, 'source', 'rebuild');
  });

  it('a changed value in a derived column, all counts kept: only the rebuild sees it', async () => {
    const { block, where } = await oneRow('fee_events', 'block_number > 505');
    await planted.change('fee_events', where, { position_fee_raw: 'position_fee_raw + 1' });
    const audit = await planted.audit({ sample: 'full' });
    expectNothingElse(audit, 'rebuild');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'fee_events', fromBlock: block, toBlock: block, count: 1 }),
    ]);
    expect(audit.findings[0]?.message).toMatch(/position_fee_raw is \d+, the rebuild says \d+/);
  });

  it('a derived row put in the place of another: the rebuild misses one and does not know the other', async () => {
    const { where } = await oneRow('order_events', 'block_number > 505');
    await planted.change('order_events', where, { log_index: 'log_index + 1000' });
    const audit = await planted.audit({ sample: 'full' });
    expectNothingElse(audit, 'rebuild');
    expect(audit.findings.map(({ table, count }) => [table, count])).toEqual([
      ['order_events', 1],
      ['order_events', 1],
    ]);
    const messages = audit.findings.map(({ message }) => message).join('\n');
    expect(messages).toContain('1 row missing');
    expect(messages).toContain('1 row that the raw logs do not give');
  });

  it('a fold state that is spoiled: samples of many ranges find it, here or in what follows from it', async () => {
    const { where } = await oneRow('market_states', 'block_number > 540');
    await planted.change('market_states', where, {
      state: "replaceRegexpOne(state, '([1-8])', '9')",
    });
    const audit = await planted.audit({ sample: 500 });
    expectNothingElse(audit, 'rebuild');
    expect(of(audit, 'rebuild')[0]).toMatchObject({ table: 'market_states' });
  });

  it('a changed row count in a commit', async () => {
    await planted.change('commits', "stage = 'land' AND to_block = 500", {
      row_counts: "mapUpdate(row_counts, map('blocks', toUInt64(29)))",
    });
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'blocks', fromBlock: 471, toBlock: 500, count: 1 }),
    ]);
    expect(audit.findings[0]?.message).toBe(
      '1 row too many: the commit of blocks 471 to 500 (stage land) says 29, blocks has 30',
    );
  });

  it('unknown row counts are counted, and are no finding', async () => {
    await planted.change('commits', "stage = 'project' AND to_block = 500", {
      row_counts: 'map()',
    });
    const audit = await planted.audit();
    expect(audit.findings).toEqual([]);
    expect(audit.checks[0]?.summary).toContain('1 commit of unknown row counts');
  });

  it('a missing block header', async () => {
    const { block } = await oneRow('raw_logs', 'block_number > 505');
    await planted.remove('blocks', `block_number = ${block}`);
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain', 'commits');
    expect(of(audit, 'hash-chain')).toEqual([
      expect.objectContaining({ table: 'blocks', fromBlock: block, toBlock: block }),
    ]);
    expect(of(audit, 'hash-chain')[0]?.message).toContain('with logs but without a header');
  });

  it('a missing range with its commit: a hole in land', async () => {
    for (const table of ['raw_logs', 'blocks', 'transactions']) {
      await planted.remove(table, 'block_number BETWEEN 471 AND 500');
    }
    await planted.remove('commits', "stage = 'land' AND to_block = 500");
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'commits', fromBlock: 471, toBlock: 500, count: 30 }),
    ]);
    expect(audit.findings[0]?.message).toBe('blocks 471 to 500 in no commit of stage land');
  });

  it('a missing first range with its commit: facts without evidence', async () => {
    for (const table of ['raw_logs', 'blocks', 'transactions']) {
      await planted.remove(table, 'block_number <= 470');
    }
    await planted.remove('commits', "stage = 'land' AND to_block <= 470");
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings[0]?.message).toMatch(/^[\d,]+ facts from blocks \d+ to 470/);
  });

  it.each([
    ['land', 'raw_logs'],
    ['project', 'oracle_updates'],
  ])(
    'a deleted commit of stage %s: a hole, and rows that no commit covers',
    async (stage, table) => {
      await planted.remove('commits', `stage = '${stage}' AND to_block = 500`);
      const audit = await planted.audit();
      expectNothingElse(audit, 'commits');
      const range = { fromBlock: 471, toBlock: 500 };
      expect(audit.findings).toContainEqual(
        expect.objectContaining({ table: 'commits', ...range }),
      );
      expect(audit.findings).toContainEqual(expect.objectContaining({ table, ...range }));
    },
  );

  it('a doubled commit, and one that overlaps', async () => {
    await planted.double('commits', "stage = 'project' AND to_block = 500");
    await planted.change('commits', "stage = 'land' AND to_block = 530", {
      from_block: '499',
      row_counts: 'map()',
    });
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings.map(({ message }) => message)).toEqual([
      'blocks 499 to 500 in two commits of stage land',
      'blocks 471 to 500 in two commits of stage project',
    ]);
  });

  it('a last land commit that is gone: project is ahead of it', async () => {
    await planted.remove('commits', `stage = 'land' AND to_block = ${LAST}`);
    const audit = await planted.audit();
    expectNothingElse(audit, 'commits');
    expect(audit.findings[0]).toMatchObject({ table: 'commits', fromBlock: 561, toBlock: LAST });
  });

  it('a project that is behind is said, and is no finding', async () => {
    await planted.remove('commits', `stage = 'project' AND to_block = ${LAST}`);
    const audit = await planted.audit();
    expect(audit.findings).toEqual([]);
    expect(audit.checks[0]?.summary).toContain('project is 30 blocks behind land');
  });

  const WRONG = "unhex(repeat('ee', 32))";

  it('a wrong header hash: its logs, its child and the source contradict it', async () => {
    const { block } = await oneRow('raw_logs', 'block_number > 505');
    await planted.change('blocks', `block_number = ${block}`, { block_hash: WRONG });
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'raw_logs', fromBlock: block, toBlock: block }),
      expect.objectContaining({ table: 'blocks', fromBlock: block + 1, toBlock: block + 1 }),
    ]);
  });

  it('a wrong parent hash', async () => {
    await planted.change('blocks', 'block_number = 510', { parent_hash: WRONG });
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'blocks', fromBlock: 510, toBlock: 510, count: 1 }),
    ]);
    expect(audit.findings[0]?.message).toContain('parent hash is not the hash');
  });

  it('a last header that is another at the source', async () => {
    await planted.change('blocks', `block_number = ${LAST}`, {
      block_timestamp: 'block_timestamp + 1',
    });
    const audit = await planted.audit(withSource());
    expect(of(audit, 'source')).toEqual([
      expect.objectContaining({ table: 'blocks', fromBlock: LAST, toBlock: LAST, count: 1 }),
    ]);
  });

  it.each(['land', 'project'])('a wrong hash in a commit of stage %s', async (stage) => {
    await planted.change('commits', `stage = '${stage}' AND to_block = 500`, {
      last_block_hash: "concat('0x', repeat('ee', 32))",
    });
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'commits', fromBlock: 500, toBlock: 500, count: 1 }),
    ]);
    expect(audit.findings[0]?.message).toContain(`(stage ${stage}) is not that of block 500`);
  });

  it('a wrong block hash in a log', async () => {
    const { block, where } = await oneRow('raw_logs', 'block_number > 505');
    await planted.change('raw_logs', where, { block_hash: WRONG });
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'raw_logs', fromBlock: block, toBlock: block }),
    ]);
  });

  it('a time that goes back', async () => {
    await planted.change('blocks', 'block_number = 515', { block_timestamp: '1' });
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain');
    expect(audit.findings).toEqual([
      expect.objectContaining({ table: 'blocks', fromBlock: 515, toBlock: 515, count: 1 }),
    ]);
  });

  it('a reversible header that is not the stored one', async () => {
    await planted.database.command(
      `INSERT INTO reversible_blocks SELECT * REPLACE(${WRONG} AS parent_hash) FROM blocks WHERE block_number = ${LAST}`,
    );
    const audit = await planted.audit();
    await planted.remove('reversible_blocks', 'true');
    expect(of(audit, 'hash-chain')).toContainEqual(
      expect.objectContaining({ table: 'reversible_blocks', fromBlock: LAST, toBlock: LAST }),
    );
  });

  it('a log without its transaction', async () => {
    const { block } = await oneRow('raw_logs', 'block_number > 505');
    await planted.remove('transactions', `block_number = ${block}`);
    const audit = await planted.audit();
    expectNothingElse(audit, 'hash-chain', 'commits');
    expect(of(audit, 'hash-chain')).toContainEqual(
      expect.objectContaining({ table: 'transactions', fromBlock: block, toBlock: block }),
    );
  });

  it('a log whose transaction the source never gave is told, and is no finding', async () => {
    const { block } = await oneRow('raw_logs', 'block_number > 505');
    await planted.remove('transactions', `block_number = ${block}`);
    await planted.change('commits', "stage = 'land' AND to_block = 530", {
      row_counts:
        "mapUpdate(row_counts, map('transactions', toUInt64(row_counts['transactions'] - 1)))",
    });
    const audit = await planted.audit();
    expect(audit.findings).toEqual([]);
    expect(audit.checks.find(({ name }) => name === 'hash-chain')?.summary).toContain(
      '(1 of them never given by the source)',
    );
  });

  it('logs that the source has and the store never asked for, counts and commits sound', async () => {
    // As if the source had held them back: rows, counts and transaction are those of a smaller range.
    const { block } = await oneRow('raw_logs', 'block_number > 505');
    const [lost] = await planted.database.select<{ logs: string }>(
      `SELECT count() AS logs FROM raw_logs WHERE block_number = ${block}`,
    );
    await planted.remove('raw_logs', `block_number = ${block}`);
    await planted.remove('transactions', `block_number = ${block}`);
    await planted.change('commits', "stage = 'land' AND to_block = 530", { row_counts: 'map()' });
    expect((await planted.audit()).findings).toEqual([]);
    const audit = await planted.audit(withSource());
    expectNothingElse(audit, 'source');
    const counts = audit.findings.map(({ count }) => count).reduce((sum, n) => sum + n, 0);
    expect(counts).toBe(Number(lost?.logs));
    expect(audit.findings.every(({ fromBlock }) => fromBlock === block)).toBe(true);
  });

  it('open interest that is off by one unit', async () => {
    const { block, where } = await oneRow('open_interest', 'block_number > 505');
    await planted.change('open_interest', where, { positions_usd: 'positions_usd + 1' });
    const audit = await planted.audit();
    expectNothingElse(audit, 'open-interest');
    expect(audit.findings[0]).toMatchObject({
      table: 'open_interest',
      fromBlock: block,
      toBlock: block,
    });
  });

  it('a dead letter', async () => {
    await planted.database.command(
      `INSERT INTO dead_letters (chain_id, venue, reason, block_number, log_index)
       SELECT 42161, 'gmx-v2', 'truncated', 512, 3`,
    );
    const audit = await planted.audit();
    await planted.remove('dead_letters', 'true');
    expect(of(audit, 'dead-letters')).toEqual([
      expect.objectContaining({ table: 'dead_letters', fromBlock: 512, toBlock: 512, count: 1 }),
    ]);
    expect(of(audit, 'dead-letters')[0]?.message).toContain(
      'gmx-v2: truncated (first at block 512',
    );
  });
});
