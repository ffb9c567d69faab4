import type { Command } from 'commander';
import { OperatorError } from '../../../schema/errors.ts';
import { type VerifyReport, verifyChain } from '../../pipeline/verify.ts';
import { withSession } from '../command-session.ts';

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('Check the store against its own promises; prints a digest for each table')
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--json', 'print { ok, tables, findings } as JSON')
    .action((flags: { readonly data?: string; readonly json?: boolean }) =>
      withSession(flags, async ({ store }) => {
        const chains = await store.select<{ chain_id: string }>('SELECT chain_id FROM sources', {});
        const [chain] = chains;
        if (!chain) {
          throw new OperatorError('The store is empty: there is nothing to verify.', {
            remedy: 'Index something first: `npm run bulkhead -- index --archive <dir>`.',
          });
        }
        const report = await verifyChain(store, Number(chain.chain_id));
        process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : textOf(report));
        if (!report.ok) {
          throw new OperatorError('The store does not keep its promises.', {
            facts: { findings: report.findings.length },
            remedy:
              'Run `npm run bulkhead -- rebuild`; if that does not help, index again from the source.',
          });
        }
      }),
    );
}

function textOf(report: VerifyReport): string {
  const rows = Object.entries(report.tables).map(
    ([name, { rows: n, digest }]) => `  ${name.padEnd(20)} ${String(n).padStart(10)}  ${digest}`,
  );
  const findings = report.findings.map((finding) => `  ! ${finding}`);
  return `${[report.ok ? 'Everything adds up.' : 'Findings:', ...findings, ...rows].join('\n')}\n`;
}
