import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainMonitor } from '../../../indexer/pipeline/chain-monitor.ts';
import { type Patience, superviseChain } from '../../../indexer/pipeline/supervise.ts';
import { RetriesExhaustedError } from '../../../indexer/source/backoff.ts';
import type { IndexerState } from '../../../indexer/store/event-store.ts';
import { DiskFullError } from '../../../schema/clickhouse/engine-errors.ts';
import {
  CorruptDataError,
  OperatorError,
  RetryableError,
  UsageError,
} from '../../../schema/errors.ts';

const QUICK: Patience = { baseMillis: 5, ceilingMillis: 20, drainMillis: 100 };

/** Keeps the rows that a store would get. */
class StateRows {
  readonly rows: IndexerState[] = [];
  readonly recordState = async (state: IndexerState) => {
    this.rows.push(state);
  };
}

function supervised(
  run: (attempt: number) => Promise<void>,
  more: {
    follow?: boolean;
    signal?: AbortSignal;
    patience?: Patience;
    progress?: () => number;
  } = {},
) {
  let attempts = 0;
  const rows = new StateRows();
  const notes: string[] = [];
  const monitor = new ChainMonitor(rows, { chainId: 1, safeDepth: 5, finalityDepth: 10 });
  const outcome = superviseChain({
    run: () => run(++attempts),
    progress: more.progress ?? (() => 0),
    monitor,
    follow: more.follow ?? true,
    signal: more.signal ?? new AbortController().signal,
    note: (text) => notes.push(text),
    patience: more.patience ?? QUICK,
  });
  return { outcome, rows: rows.rows, notes, attempts: () => attempts };
}

const unreachable = () => {
  const last = new RetryableError('The endpoint answered 503.');
  return new OperatorError('HyperSync is unreachable.', {
    cause: new RetriesExhaustedError(last, 9, 60_000),
  });
};

describe('superviseChain', () => {
  it.each([
    ['a passing fault', () => new RetryableError('ClickHouse did not answer.')],
    ['a source that was away for longer than its budget', unreachable],
    ['a full disk', () => new DiskFullError('The disk is full.')],
    [
      'a full disk where ranges wait',
      () =>
        new OperatorError('A file of the fetched range cannot be written.', {
          facts: { reason: 'No space left on device (os error 28)' },
        }),
    ],
  ])('waits out %s as long as it lasts, and says so', async (_, fault) => {
    const { outcome, rows, notes, attempts } = supervised(async (attempt) => {
      if (attempt <= 30) throw fault();
    });
    expect(await outcome).toEqual({ kind: 'done' });
    expect(attempts()).toBe(31);
    expect(notes).toHaveLength(30);
    expect(notes[0]).toMatch(/; beginning again in \d+\.\d s$/);
    expect(rows.at(-1)).toMatchObject({ state: 'STOPPED', fault: '', failingSince: null });
  });

  it.each([
    ['a wrong flag', new UsageError('No such venue.')],
    ['a refused token', new OperatorError('HyperSync refused the token.')],
    ['a fault of ours', new TypeError('x is not a function')],
  ])('ends the chain at once at %s', async (_, error) => {
    const { outcome, rows, attempts } = supervised(async () => {
      throw error;
    });
    expect(await outcome).toEqual({ kind: 'failed', error });
    expect(attempts()).toBe(1);
    expect(rows.at(-1)).toMatchObject({ state: 'FAILED', fault: error.message });
    expect(rows.at(-1)?.failingSince).toBeGreaterThan(0);
  });

  it('asks a source that contradicts itself only so often, unless blocks come in between', async () => {
    const corrupt = new CorruptDataError('Two hashes for one block.');
    const stuck = supervised(async () => {
      throw corrupt;
    });
    expect(await stuck.outcome).toEqual({ kind: 'failed', error: corrupt });
    expect(stuck.attempts()).toBe(5);
    let stored = 0;
    const moving = supervised(
      async (attempt) => {
        stored += 1;
        if (attempt <= 12) throw corrupt;
      },
      { progress: () => stored },
    );
    expect(await moving.outcome).toEqual({ kind: 'done' });
  });

  it('waits for nothing where it does not follow', async () => {
    const error = unreachable();
    const { outcome, attempts } = supervised(
      async () => {
        throw error;
      },
      { follow: false },
    );
    expect(await outcome).toEqual({ kind: 'failed', error });
    expect(attempts()).toBe(1);
  });

  it('tells when a fault began, through one that follows', async () => {
    const { outcome, rows } = supervised(
      async (attempt) => {
        if (attempt <= 8) throw new RetryableError(`fault ${attempt}`);
        throw new UsageError('end');
      },
      { patience: { ...QUICK, baseMillis: 300, ceilingMillis: 300 } },
    );
    await outcome;
    const failing = rows.filter(({ state }) => state === 'RETRYING');
    expect(failing.length).toBeGreaterThan(0);
    expect(new Set(rows.flatMap(({ failingSince }) => failingSince ?? [])).size).toBe(1);
  });

  it('stops at once in the middle of a long wait', async () => {
    const controller = new AbortController();
    const { outcome, notes } = supervised(
      async () => {
        throw new RetryableError('away');
      },
      {
        signal: controller.signal,
        patience: { baseMillis: 1e9, ceilingMillis: 1e9, drainMillis: 100 },
      },
    );
    while (notes.length === 0) await new Promise((done) => setTimeout(done, 5));
    const startedAt = performance.now();
    controller.abort();
    expect(await outcome).toEqual({ kind: 'stopped' });
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  it('lets go of work that does not end', async () => {
    const controller = new AbortController();
    const { outcome, rows } = supervised(() => new Promise(() => {}), {
      signal: controller.signal,
    });
    controller.abort(new Error('stop'));
    expect(await outcome).toEqual({ kind: 'stopped' });
    expect(rows.at(-1)).toMatchObject({ state: 'STOPPED' });
  });
});

describe('ChainMonitor', () => {
  let monitor: ChainMonitor;
  const states = new StateRows();
  beforeAll(() => {
    monitor = new ChainMonitor(states, { chainId: 7, safeDepth: 5, finalityDepth: 10 });
    monitor.start();
  });
  afterAll(() => monitor.end('STOPPED'));

  const newest = async (holds: (state: IndexerState) => boolean) => {
    for (let i = 0; i < 400; i++) {
      const last = states.rows.at(-1);
      if (last && holds(last)) return last;
      await new Promise((done) => setTimeout(done, 10));
    }
    throw new Error(`no such row: ${JSON.stringify(states.rows.at(-1))}`);
  };

  it('writes what changes, but not each height and not each of many faults', async () => {
    monitor.works('FOLLOWING');
    await newest(({ state }) => state === 'FOLLOWING');
    const before = states.rows.length;
    for (let height = 100; height < 200; height++) monitor.sawHeight(height);
    for (let i = 0; i < 50; i++) {
      monitor.fails(`fault ${i}`);
      monitor.sawHeight(200);
    }
    monitor.fails('the last one');
    const row = await newest(({ fault }) => fault === 'the last one');
    expect(row).toMatchObject({ state: 'RETRYING', sourceHeight: 200, safeDepth: 5 });
    expect(states.rows.length - before).toBeLessThan(6);
  });

  it('takes a height for an answer: the fault is over', async () => {
    monitor.sawHeight(201);
    expect(await newest(({ fault }) => fault === '')).toMatchObject({
      state: 'FOLLOWING',
      failingSince: null,
    });
  });

  it('does not wait for a store that hangs, nor fail with one that is away', async () => {
    const hanging = new ChainMonitor(
      { recordState: () => new Promise<void>(() => {}) },
      { chainId: 8, safeDepth: 5, finalityDepth: 10 },
    );
    hanging.start();
    const startedAt = performance.now();
    await hanging.end('STOPPED');
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    const away = new ChainMonitor(
      { recordState: () => Promise.reject(new RetryableError('away')) },
      { chainId: 9, safeDepth: 5, finalityDepth: 10 },
    );
    away.start();
    await away.end('FAILED', 'something');
    expect(away.current).toMatchObject({ state: 'FAILED', fault: 'something' });
  });
});
