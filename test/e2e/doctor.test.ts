import { describe, expect, it } from 'vitest';
import { adapters } from '../../indexer/protocols/registry.ts';
import { CHAINS } from '../../indexer/source/chains.ts';
import { runCli } from './run-cli.ts';

describe('bulkhead doctor', () => {
  it('names every venue, oracle and chain', async () => {
    const { code, stdout } = await runCli(['doctor']);
    expect(code).toBe(0);
    for (const { venue } of adapters) expect(stdout).toContain(`  ${venue} (adapter `);
    for (const { name } of CHAINS) expect(stdout).toContain(`  ${name}`);
  });

  it('tells what is known and what is missing for a chain, venue by venue', async () => {
    const { stdout } = await runCli(['doctor', '--chain', 'arbitrum']);
    expect(stdout).toMatch(/^arbitrum \(chain id 42161, https:\/\//);
    expect(stdout).toMatch(/ {2}gmx-v2\n {4}known {3}EventEmitter 0xc8ee91a5/);
    expect(stdout).toMatch(/ {2}gmx-v1\n(.*\n)+? {4}MISSING risk parameters: maxLeverage/);
    expect(stdout).not.toContain('synthetix-v2');
  });

  it('says something of every adapter on every chain that it reads', async () => {
    const { stdout } = await runCli(['doctor', '--json']);
    const { chains } = JSON.parse(stdout) as {
      chains: { name: string; venues: Known[]; oracles: Known[] }[];
    };
    for (const chain of chains) {
      for (const { name, facts } of [...chain.venues, ...chain.oracles]) {
        expect(facts.length, `${name} on ${chain.name}`).toBeGreaterThan(0);
      }
    }
  });

  it('refuses a chain that nobody knows, and lists those it does', async () => {
    const { code, stderr } = await runCli(['doctor', '--chain', 'nowhere']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('There is no chain of that name.');
    expect(stderr).toContain('arbitrum');
  });
});

interface Known {
  readonly name: string;
  readonly facts: readonly unknown[];
}
