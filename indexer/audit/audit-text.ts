import type { ChainAudit } from './audit-chain.ts';
import { blocksText, type CheckReport, type Finding } from './findings.ts';

const MARKS = { ok: '✓', off: '✗', skipped: '–' } as const;
const NAME_WIDTH = 14;

/** The audit of every chain for a person: checks, findings with their remedies, digests. */
export function auditText(audits: readonly ChainAudit[]): string {
  const isSound = audits.every(({ ok }) => ok);
  const lines = [
    isSound ? 'Everything adds up.' : 'Not everything adds up.',
    ...audits.flatMap(chainLines),
  ];
  return `${lines.join('\n')}\n`;
}

function chainLines({ chain, chainId, seed, checks, findings, tables }: ChainAudit): string[] {
  return [
    '',
    `${chain} (chain id ${chainId}), sampled by seed ${seed}`,
    ...checks.map(checkLine),
    ...(findings.length > 0 ? ['', `  Findings: ${findings.length}`] : []),
    ...findings.flatMap(findingLines),
    '',
    '  Tables: rows and digest',
    ...Object.entries(tables).map(
      ([name, { rows, digest }]) =>
        `    ${name.padEnd(18)} ${String(rows).padStart(12)}  ${digest}`,
    ),
  ];
}

function checkLine({ status, name, summary }: CheckReport): string {
  return `  ${MARKS[status]} ${name.padEnd(NAME_WIDTH)} ${summary}`;
}

function findingLines({ check, table, fromBlock, toBlock, message, remedy }: Finding): string[] {
  return [
    `  ✗ ${check}: ${table}, ${blocksText(fromBlock, toBlock)}: ${message}`,
    `      → ${remedy}`,
  ];
}
