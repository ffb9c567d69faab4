import { describe, expect, it } from 'vitest';
import { CorruptDataError, OperatorError } from '../../../schema/errors.ts';
import { ALL_LOGS, HEIGHT, QUICK_BACKOFF } from './test-chain.ts';
import {
  blocksPerRange,
  expectedLogs,
  failureOf,
  never,
  readAll,
  serve,
  serveLagging,
  serveTampering,
  sourceOf,
} from './test-source.ts';

describe('a head that moves', () => {
  it('goes on when the height goes down and comes back', async () => {
    const { server, url } = await serve();
    const iterated = sourceOf(url, blocksPerRange(30)).ranges({
      fromBlock: 0,
      toBlock: HEIGHT,
      selections: ALL_LOGS,
      signal: never,
    });
    const spans: number[][] = [];
    for await (const range of iterated) {
      spans.push([range.fromBlock, range.toBlock]);
      if (spans.length === 1) {
        server.setHeight(20);
        setTimeout(() => server.setHeight(45), 150);
        setTimeout(() => server.setHeight(null), 400);
      }
    }
    expect(spans[0]).toEqual([0, 29]);
    expect(spans[1]).toEqual([30, 45]);
    expect(spans.at(-1)?.[1]).toBe(HEIGHT);
  });

  it('says that the endpoint does not reach the block when the height stays down', async () => {
    const { server, url } = await serve();
    const backoff = { ...QUICK_BACKOFF, budgetMillis: 400 };
    const iterated = sourceOf(url, { backoff, ...blocksPerRange(30) }).ranges({
      fromBlock: 0,
      toBlock: HEIGHT,
      selections: ALL_LOGS,
      signal: never,
    });
    await iterated.next();
    server.setHeight(20);
    const error = await failureOf(iterated.next());
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('does not reach');
  });
});

describe('an instance that is behind its own height', () => {
  it('lets go of a call that spins, and finishes once the instance has caught up', async () => {
    const { server, url } = await serveLagging();
    setTimeout(() => {
      server.scannedHeight = HEIGHT;
    }, 700);
    const backoff = { ...QUICK_BACKOFF, baseMillis: 400, ceilingMillis: 800 };
    const { logs } = await readAll(sourceOf(url, { callTimeoutMillis: 500, backoff }));
    expect(logs).toEqual(expectedLogs);
    const asked = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.requests.length).toBe(asked);
  });

  it('is asked again, with a pause, when it scanned nothing', async () => {
    const { server, url } = await serveTampering();
    let small = 0;
    server.tamper = (query) => {
      const isBulk = query.field_selection.log.length > 2;
      return !isBulk && ++small <= 3 ? { ...query, to_block: query.from_block } : query;
    };
    const notices: string[] = [];
    const source = sourceOf(url, { onRetry: (text) => notices.push(text) });
    const { logs, spans } = await readAll(source);
    expect(logs).toEqual(expectedLogs);
    expect(spans).toEqual([[0, HEIGHT]]);
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain('is behind; trying again');
  });

  it('stops rather than pile up calls that spin', async () => {
    const { server, url } = await serveLagging();
    const error = await failureOf(readAll(sourceOf(url, { callTimeoutMillis: 250 })));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('do not come back');
    server.scannedHeight = HEIGHT;
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
});

describe('an endpoint that lies', () => {
  it('is not believed when it leaves out the headers of the logs', async () => {
    const { server, url } = await serveTampering();
    server.tamper = (query) => ({ ...query, join_mode: 'JoinNothing' });
    const error = await failureOf(readAll(sourceOf(url)));
    expect(error).toBeInstanceOf(CorruptDataError);
    expect(error.message).toContain('without the header');
  });

  it('is not believed when it sends blocks that were not asked for', async () => {
    const { server, url } = await serveTampering();
    server.tamper = (query) => ({ ...query, from_block: 0 });
    const error = await failureOf(readAll(sourceOf(url), { fromBlock: 30 }));
    expect(error).toBeInstanceOf(CorruptDataError);
    expect((error as CorruptDataError).facts).toMatchObject({
      asked: expect.stringMatching(/^30 to /),
    });
  });

  it('loses nothing when logs are missing from one answer', async () => {
    const { server, url } = await serveTampering();
    let hidden = 0;
    server.tamper = (query) => {
      const isBulk = query.field_selection.log.length > 2;
      return isBulk && ++hidden <= 2 ? { ...query, logs: [] } : query;
    };
    const { logs, spans } = await readAll(sourceOf(url));
    expect(logs).toEqual(expectedLogs);
    // Up to the first log the empty answer is proven; from there the range is asked for again.
    expect(spans[0]).toEqual([0, 9]);
    expect(spans[1]?.[0]).toBe(10);
  });
});
