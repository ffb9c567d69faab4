import type { Command } from 'commander';
import { UsageError } from '../../../schema/errors.ts';
import type { ProtocolAdapter, ReferenceFact } from '../../protocols/protocol-adapter.ts';
import { CHAINS } from '../../source/chains.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'What this installation knows of venues, oracles and chains, what it lacks, its set-up',
    )
    .option('--chain <name>', 'all that is known and missing for one chain, as arbitrum')
    .option('--json', 'print { venues, oracles, chains, engine } as JSON')
    .action(async (flags: { readonly chain?: string; readonly json?: boolean }) => {
      const report = await reportOf(flags.chain);
      process.stdout.write(
        flags.json ? `${JSON.stringify(report)}\n` : textOf(report, flags.chain),
      );
    });
}

interface KnownAdapter {
  readonly name: string;
  readonly facts: readonly ReferenceFact[];
}

interface ChainReport {
  readonly name: string;
  readonly chainId: number;
  readonly endpoint: string;
  readonly venues: readonly KnownAdapter[];
  readonly oracles: readonly KnownAdapter[];
}

/** @throws UsageError for a chain that nobody knows. */
async function reportOf(chainName: string | undefined) {
  const { readSettings } = await import('../../../schema/settings.ts');
  const settings = readSettings(process.env);
  const chains = CHAINS.filter(({ name }) => chainName === undefined || name === chainName);
  if (chains.length === 0) {
    throw new UsageError('There is no chain of that name.', {
      facts: {
        chain: String(chainName).slice(0, 80),
        known: CHAINS.map(({ name }) => name).join(', '),
      },
      remedy: 'Give one of the known names.',
    });
  }
  const { adapters } = await import('../../protocols/registry.ts');
  const ofKind = (kind: ProtocolAdapter['kind']) => adapters.filter((one) => one.kind === kind);
  const named = ({ venue, version }: ProtocolAdapter) => ({ venue, version });
  return {
    venues: ofKind('VENUE').map(named),
    oracles: ofKind('ORACLE').map(named),
    chains: chains.map(
      ({ name, chainId, hypersyncUrl }): ChainReport => ({
        name,
        chainId,
        endpoint: hypersyncUrl,
        venues: knownOn(ofKind('VENUE'), name, chainId),
        oracles: knownOn(ofKind('ORACLE'), name, chainId),
      }),
    ),
    engine: {
      kind: settings.clickhouseUrl === undefined ? 'embedded' : 'server',
      dataDirectory: settings.dataDirectory,
      hasToken: settings.envioApiToken !== undefined,
      node: process.version,
    },
  };
}

function knownOn(
  known: readonly ProtocolAdapter[],
  chain: string,
  chainId: number,
): readonly KnownAdapter[] {
  return known.flatMap((adapter) =>
    adapter.readerFor({ chainId, chain, manifest: null })
      ? [{ name: adapter.venue, facts: adapter.knownOn(chainId) }]
      : [],
  );
}

type Report = Awaited<ReturnType<typeof reportOf>>;

function textOf(report: Report, chainName: string | undefined): string {
  const [chain] = report.chains;
  const lines = chainName !== undefined && chain ? chainText(chain) : overviewText(report);
  return `${lines.join('\n')}\n`;
}

function overviewText({ venues, oracles, chains, engine }: Report): string[] {
  const names = (known: readonly KnownAdapter[]) => known.map(({ name }) => name).join(', ');
  return [
    'Venues',
    ...venues.map(({ venue, version }) => `  ${venue} (adapter ${version})`),
    'Oracles',
    ...oracles.map(({ venue, version }) => `  ${venue} (adapter ${version})`),
    'Chains (all that is known and missing for one: doctor --chain <name>)',
    ...chains.map(
      (chain) =>
        `  ${chain.name.padEnd(12)} ${names(chain.venues) || '–'}; ${names(chain.oracles) || 'no oracle'}`,
    ),
    'Engine',
    ...Object.entries(engine).map(([name, value]) => `  ${name}: ${value}`),
  ];
}

function chainText({ name, chainId, endpoint, venues, oracles }: ChainReport): string[] {
  return [
    `${name} (chain id ${chainId}, ${endpoint})`,
    ...[...venues, ...oracles].flatMap((adapter) => [
      `  ${adapter.name}`,
      ...adapter.facts.map(
        ({ subject, isKnown, text }) =>
          `    ${isKnown ? 'known  ' : 'MISSING'} ${subject}: ${text}`,
      ),
    ]),
  ];
}
