/** What POST /_control makes a server do, seen from another process's side of the wire. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../../../indexer/replay/fault-catalogue.ts';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { HEIGHT, startServer } from '../source/test-chain.ts';
import { connect } from './small-chain.ts';

let server: ReplayServer;
let url: string;
beforeEach(async () => {
  ({ server, url } = await startServer({ control: true }));
});
afterEach(() => server.close());

async function control(body: unknown) {
  const response = await fetch(`${url}/_control`, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, text, state: response.ok ? JSON.parse(text) : null };
}
const status = async (path: string) => (await fetch(`${url}${path}`)).status;
const heightNow = async () => (await (await fetch(`${url}/height`)).json()).height;
const hashAt = async (number: number) => {
  const page = await connect(url).get({
    fromBlock: number,
    toBlock: number + 1,
    includeAllBlocks: true,
    fieldSelection: { block: ['Number', 'Hash'] },
  });
  return page.data.blocks[0]?.hash;
};

describe('branches', () => {
  it('are made, switched to and dropped', async () => {
    const before = [await hashAt(89), await hashAt(90)];
    const fork = { name: 'b', forkBlock: 90, height: HEIGHT + 5, moveShare: 0.5 };
    const made = await control({ fork });
    expect(made.state).toMatchObject({ branch: 'main', branches: ['main', 'fork', 'b'] });
    expect(await hashAt(90)).toBe(before[1]);
    expect((await control({ branch: 'b' })).state).toMatchObject({
      branch: 'b',
      height: HEIGHT + 5,
    });
    expect(await hashAt(89)).toBe(before[0]);
    expect(await hashAt(90)).not.toBe(before[1]);
    const dropped = await control({ branch: 'main', drop: ['b', 'fork'] });
    expect(dropped.state).toMatchObject({ branch: 'main', branches: ['main'], height: HEIGHT });
    expect(await hashAt(90)).toBe(before[1]);
  });

  it('leave the branch that is served unless another is named', async () => {
    await control({ fork: { name: 'b', forkBlock: 90 }, branch: 'b' });
    const onB = await hashAt(90);
    await control({ fork: { name: 'c', forkBlock: 95 }, branch: 'c' });
    expect(await hashAt(90)).toBe(onB);
    await control({ fork: { name: 'd', from: 'main', forkBlock: 95 }, branch: 'd' });
    expect(await hashAt(90)).not.toBe(onB);
  });

  it.each([
    [{ drop: 'main' }, 'being served'],
    [{ fork: { name: 'main', forkBlock: 90 } }, 'being served'],
    [{ fork: { name: 'b', forkBlock: 9_000 } }, 'within the chain'],
    [{ fork: { name: 'b', from: 'nowhere', forkBlock: 90 } }, 'no branch of that name'],
    [{ fail: 'no-such-fault' }, 'fail'],
    [{ chaos: { share: 2 } }, 'share'],
    [{ unknown: 1 }, 'unknown'],
  ])('and faults that cannot be are refused: %j', async (body, text) => {
    const answer = await control(body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(text);
  });
});

describe('pace', () => {
  it('raises the height up to the end of the branch and then rests', async () => {
    await control({ height: 80, pace: 100 });
    const seen: number[] = [];
    for (let i = 0; i < 100 && seen.at(-1) !== HEIGHT; i++) {
      seen.push(await heightNow());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen.at(-1)).toBe(HEIGHT);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(2);
    expect((await control({})).state.isGrowing).toBe(false);
  });

  it('goes on from where it is when the chain changes its branch', async () => {
    await control({ height: 80, pace: 1 });
    const { state } = await control({ fork: { name: 'b', forkBlock: 75 }, branch: 'b' });
    expect(state).toMatchObject({ branch: 'b', height: 80, isGrowing: true });
  });

  it('stops when told to, and announces each height it reaches', async () => {
    const stream = await connect(url).streamHeight();
    await stream.recv();
    await control({ height: 80, pace: 40 });
    const heights: number[] = [];
    while (heights.length < 4) {
      const event = await stream.recv();
      if (event?.type === 'Height') heights.push(event.height);
    }
    await control({ pace: null });
    const stopped = await heightNow();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await heightNow()).toBe(stopped);
    expect(heights).toContain(80);
    expect(stopped).toBeGreaterThan(80);
    server.dropHeightListeners();
  });
});

describe('faults', () => {
  it('strike so many requests, by name or by description, and are cleared', async () => {
    await control({ fail: 'status-503', times: 2 });
    expect([await status('/height'), await status('/height'), await status('/height')]).toEqual([
      503, 503, 200,
    ]);
    await control({ fail: { status: 418, path: '/height' }, times: 5 });
    expect([await status('/chain_id'), await status('/height')]).toEqual([200, 418]);
    await control({ clear: true });
    expect(await status('/height')).toBe(200);
  });

  it('of the same seed are the same mix', async () => {
    const mix = async (seed: number) => {
      await control({ chaos: { share: 0.5, seed, kinds: ['status-500', 'rate-limited'] } });
      const seen: number[] = [];
      for (let i = 0; i < 30; i++) seen.push(await status('/height'));
      return seen;
    };
    const first = await mix(1);
    expect(new Set(first)).toEqual(new Set([200, 429, 500]));
    expect(await mix(1)).toEqual(first);
    expect(await mix(2)).not.toEqual(first);
    const { state } = await control({ chaos: null });
    expect(state.struck['status-500']).toBeGreaterThan(5);
    expect(await status('/height')).toBe(200);
  });

  it('that last as long as patience are not in a mix unless they are named', async () => {
    expect(FAULT_NAMES).toContain('hang');
    await control({ chaos: { share: 1, seed: 3 } });
    const asked = Array.from({ length: 60 }, () =>
      fetch(`${url}/height`, { signal: AbortSignal.timeout(3_000) }).then(
        () => 'answered',
        (error: Error) => error.name,
      ),
    );
    expect(await Promise.all(asked)).not.toContain('TimeoutError');
  });

  it('make it answer as another instance: behind, or on another branch', async () => {
    await control({ fail: { path: '/height', behind: 30 } });
    expect([await heightNow(), await heightNow()]).toEqual([HEIGHT - 30, HEIGHT]);
    const hash = await hashAt(98);
    await control({ fail: { path: '/query/arrow-ipc', branch: 'fork' } });
    expect(await hashAt(98)).not.toBe(hash);
    expect(await hashAt(98)).toBe(hash);
  });

  it('make it lie about its height and its chain', async () => {
    await control({ fail: { path: '/height', claimHeight: 50 } });
    expect(await heightNow()).toBe(HEIGHT + 50);
    await control({ fail: { path: '/height', claimHeight: null } });
    expect(await heightNow()).toBeNull();
    await control({ fail: 'other-chain' });
    const chain = async () => (await (await fetch(`${url}/chain_id`)).json()).chain_id;
    expect([await chain(), await chain()]).toEqual([999_999_999, server.chainId]);
  });

  it('send an answer that was true when it was made', async () => {
    await control({ fail: { path: '/height', lateMs: 150 } });
    const asked = heightNow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await control({ height: 12 });
    expect(await asked).toBe(HEIGHT);
  });
});
