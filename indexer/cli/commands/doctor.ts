import type { Command } from 'commander';
import { readSettings } from '../../../schema/settings.ts';
import { adapters } from '../../protocols/registry.ts';
import { CHAINS } from '../../source/chains.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('What this installation knows and how it is set up')
    .option('--json', 'print { venues, oracles, chains, engine } as JSON')
    .action((flags: { readonly json?: boolean }) => {
      const settings = readSettings(process.env);
      const chains = CHAINS.map((chain) => ({
        name: chain.name,
        chainId: chain.chainId,
        endpoint: chain.hypersyncUrl,
        venues: adapters
          .filter((adapter) =>
            adapter.readerFor({ chainId: chain.chainId, chain: chain.name, manifest: null }),
          )
          .map((adapter) => adapter.venue),
      }));
      const report = {
        venues: adapters.map(({ venue, version }) => ({ venue, version })),
        oracles: adapters.map(({ venue }) => ({ venue, source: 'events of the venue itself' })),
        chains,
        engine: {
          kind: settings.clickhouseUrl === undefined ? 'embedded' : 'server',
          dataDirectory: settings.dataDirectory,
          hasToken: settings.envioApiToken !== undefined,
          node: process.version,
        },
      };
      process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : textOf(report));
    });
}

function textOf(report: {
  readonly venues: readonly { readonly venue: string; readonly version: string }[];
  readonly chains: readonly { readonly name: string; readonly venues: readonly string[] }[];
  readonly engine: Readonly<Record<string, string | boolean>>;
}): string {
  return `${[
    'Venues',
    ...report.venues.map(({ venue, version }) => `  ${venue} (adapter ${version})`),
    'Chains',
    ...report.chains.map(({ name, venues }) => `  ${name.padEnd(12)} ${venues.join(', ') || '–'}`),
    'Engine',
    ...Object.entries(report.engine).map(([name, value]) => `  ${name}: ${value}`),
  ].join('\n')}\n`;
}
