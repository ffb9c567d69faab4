import { describe, expect, it } from 'vitest';
import {
  CHAINS,
  chainById,
  chainByName,
  normalizeEndpoint,
} from '../../../indexer/source/chains.ts';
import { UsageError } from '../../../schema/errors.ts';

describe('chains', () => {
  it.each([
    ['ethereum', 1],
    ['optimism', 10],
    ['bsc', 56],
    ['polygon', 137],
    ['base', 8453],
    ['arbitrum', 42161],
    ['avalanche', 43114],
  ])('knows %s by name and id', (name, chainId) => {
    const chain = chainByName(name);
    expect(chain.chainId).toBe(chainId);
    expect(chain.hypersyncUrl).toBe(`https://${chainId}.hypersync.xyz`);
    expect(chainById(chainId)).toBe(chain);
  });

  it('has each name and id once, and a usable depth', () => {
    expect(new Set(CHAINS.map(({ name }) => name)).size).toBe(CHAINS.length);
    expect(new Set(CHAINS.map(({ chainId }) => chainId)).size).toBe(CHAINS.length);
    for (const chain of CHAINS) {
      expect(chain.finalityDepth).toBeGreaterThanOrEqual(64);
      expect(chain.safeDepth).toBeGreaterThan(0);
      expect(chain.safeDepth).toBeLessThan(chain.finalityDepth);
      expect(chain.blockTimeSeconds).toBeGreaterThan(0);
    }
  });

  it('lists the names when one is not known', () => {
    expect(() => chainByName('arbitrun')).toThrow(UsageError);
    try {
      chainByName('arbitrun');
    } catch (error) {
      expect((error as UsageError).facts['known']).toContain('arbitrum, ');
    }
    expect(chainById(999_999)).toBeNull();
  });
});

describe('normalizeEndpoint', () => {
  it('trims trailing slashes and keeps a path', () => {
    expect(normalizeEndpoint(' https://42161.hypersync.xyz/ ')).toBe('https://42161.hypersync.xyz');
    expect(normalizeEndpoint('http://proxy.local/hypersync//')).toBe(
      'http://proxy.local/hypersync',
    );
  });

  it.each(['', 'arbitrum', 'ftp://x.org', 'https://x.org/?token=1'])('refuses %j', (text) => {
    expect(() => normalizeEndpoint(text)).toThrow(UsageError);
  });
});
