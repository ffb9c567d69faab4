import { describe, expect, it } from 'vitest';
import { HungCallError, RetriesExhaustedError } from '../../../indexer/source/backoff.ts';
import { HungCalls } from '../../../indexer/source/hung-calls.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import { OperatorError } from '../../../schema/errors.ts';
import { CHAIN_ID, HEIGHT, QUICK_BACKOFF } from './test-chain.ts';
import { failureOf, never, serve } from './test-source.ts';

const hanging = () => new Promise<never>(() => undefined);

describe('calls that do not come back', () => {
  it('keep others from beginning once there are four, until one is back', async () => {
    const calls = new HungCalls();
    for (let i = 0; i < 3; i++) calls.add(hanging());
    calls.requireRoom('there');
    let comeBack: () => void = () => undefined;
    calls.add(new Promise<void>((resolve) => (comeBack = resolve)));
    expect(() => calls.requireRoom('there')).toThrow(HungCallError);
    comeBack();
    await Promise.resolve();
    calls.requireRoom('there');
    expect(calls.size).toBe(3);
  });

  it('are no longer counted after an hour, nor when they fail', async () => {
    let now = 0;
    const calls = new HungCalls(() => now);
    for (let i = 0; i < 4; i++) calls.add(hanging());
    now = 3_500_000;
    expect(() => calls.requireRoom('there')).toThrow(HungCallError);
    now = 3_700_000;
    calls.requireRoom('there');
    calls.add(Promise.reject(new Error('late')));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(calls.size).toBe(0);
  });

  const endpointOf = (url: string, budgetMillis: number, notices: string[] = []) =>
    new HypersyncEndpoint({
      url,
      token: 'x',
      expectedChainId: CHAIN_ID,
      backoff: { ...QUICK_BACKOFF, budgetMillis },
      requestTimeoutMillis: 20_000,
      callTimeoutMillis: 150,
      onRetry: (text) => notices.push(text),
    });

  it('are let go, and a fresh client goes on', async () => {
    const { server, url } = await serve();
    server.fail({ path: '/height', kind: 'hang' }, 3);
    const notices: string[] = [];
    expect((await endpointOf(url, 5_000, notices).head(never)).height).toBe(HEIGHT);
    expect(notices).toHaveLength(3);
    expect(notices[0]).toMatch(/^A HyperSync call does not come back; trying again in \d\.\d s$/);
  });

  it('end a run that has no more patience, and say that it may still pass', async () => {
    const { server, url } = await serve();
    server.fail({ path: '/height', kind: 'hang' }, 100);
    const endpoint = endpointOf(url, 1_500);
    const error = await failureOf(endpoint.head(never));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('do not come back');
    expect(error.cause).toBeInstanceOf(RetriesExhaustedError);
    expect(server.requests.filter(({ path }) => path === '/height')).toHaveLength(4);
  });

  it('do not keep a reader from going on once the server lets go of them', async () => {
    const { server, url } = await serve();
    server.fail({ path: '/height', kind: 'hang' }, 4);
    const endpoint = endpointOf(url, 1_500);
    await failureOf(endpoint.head(never));
    server.dropConnections();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await endpoint.head(never)).height).toBe(HEIGHT);
  });
});
