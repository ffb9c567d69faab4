import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  addSourceFlags,
  checkSourceFlags,
  endpointFor,
  type SourceFlags,
} from '../../../indexer/cli/source-flags.ts';

/** The flags as a command line gives them. */
function parse(...args: string[]): SourceFlags {
  const command = addSourceFlags(new Command()).exitOverride();
  command.configureOutput({ writeErr: () => {} }).parse(args, { from: 'user' });
  return command.opts<SourceFlags>();
}

const ONE = 'http://127.0.0.1:1';
const TWO = 'http://127.0.0.1:2';

describe('the flags of a source', () => {
  it('name several chains, each with its endpoint', () => {
    const flags = parse(
      ...['--chain', 'arbitrum,base', '--follow', '--confirmations', '3'],
      ...['--hypersync-url', `base=${TWO}`, '--hypersync-url', `arbitrum=${ONE}`],
    );
    checkSourceFlags(flags);
    expect(flags).toMatchObject({ chain: ['arbitrum', 'base'], follow: true, confirmations: 3 });
    expect(endpointFor(flags, 'arbitrum')).toBe(ONE);
    expect(endpointFor(flags, 'base')).toBe(TWO);
    expect(endpointFor(flags, 'optimism')).toBeUndefined();
  });

  it('take a plain endpoint for one chain, and for an archive', () => {
    const chain = parse('--chain', 'arbitrum', '--hypersync-url', ONE, '--to', '5');
    checkSourceFlags(chain);
    expect(endpointFor(chain, 'arbitrum')).toBe(ONE);
    const archive = parse('--archive', 'archives/x', '--hypersync-url', ONE);
    checkSourceFlags(archive);
    expect(endpointFor(archive, null)).toBe(ONE);
  });

  it.each([
    [['--hypersync-url', ONE], /goes with --chain or --archive/],
    [['--chain', 'arbitrum,base', '--hypersync-url', ONE], /several chains/],
    [['--chain', 'base', '--hypersync-url', `arbitrum=${ONE}`], /not asked for/],
    [['--archive', 'x', '--hypersync-url', `arbitrum=${ONE}`], /not asked for/],
    [
      ['--chain', 'base', '--hypersync-url', ONE, '--hypersync-url', `base=${TWO}`],
      /need the names/,
    ],
    [['--chain', 'arbitrum,base', '--to', '5'], /one chain/],
    [['--from', '9', '--to', '3'], /beyond --to/],
  ])('are refused when they do not go together: %j', (args, message) => {
    expect(() => checkSourceFlags(parse(...args))).toThrow(message);
  });

  it.each([[['--confirmations', '-1']], [['--finality-depth', 'x']], [['--hypersync-url', 'a=']]])(
    'are refused when they cannot be: %j',
    (args) => {
      expect(() => parse(...args)).toThrow();
    },
  );
});
