import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CorruptDataError } from '../../schema/errors.ts';
import { ChainBranch } from './chain-branch.ts';
import type { InputRow } from './column-table.ts';

/**
 * A small chain written by hand, for tests:
 * { chainId, blockTime?, genesisTime?, height?, blocks, transactions, logs, branches? }.
 * The top level is branch "main"; each of `branches` ({ name, forkBlock, height?, blocks, ... })
 * shares what lies below its forkBlock. Row keys are camelCase or snake_case field names, logs may
 * have `topics: [...]`; bytes are 0x hex, integers numbers or decimal text.
 */
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = z.record(z.string(), cell);
const logRow = z.record(z.string(), z.union([cell, z.array(z.string())]));
const branchRows = {
  height: z.number().int().min(0).optional(),
  blocks: z.array(row).default([]),
  transactions: z.array(row).default([]),
  logs: z.array(logRow).default([]),
};
const branchSchema = z.object({
  name: z.string(),
  forkBlock: z.number().int().min(0),
  ...branchRows,
});
const fixtureSchema = z.object({
  chainId: z.number().int().min(1),
  blockTime: z.number().optional(),
  genesisTime: z.number().optional(),
  ...branchRows,
  branches: z.array(branchSchema).default([]),
});
type BranchRows = Pick<z.infer<typeof branchSchema>, 'height' | 'blocks' | 'transactions' | 'logs'>;

export interface ReplayChain {
  readonly chainId: number;
  /** By name; "main" is always there. */
  readonly branches: Map<string, ChainBranch>;
}

/** Throws CorruptDataError when the file is no such fixture. */
export async function loadJsonFixture(path: string): Promise<ReplayChain> {
  const parsed = fixtureSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) {
    throw new CorruptDataError('The fixture does not describe a chain.', {
      facts: { path, problems: z.prettifyError(parsed.error) },
    });
  }
  const { chainId, blockTime, genesisTime, branches: forks } = parsed.data;
  const main = new ChainBranch({
    name: 'main',
    ...(blockTime === undefined ? {} : { blockTime }),
    ...(genesisTime === undefined ? {} : { genesisTime }),
  });
  fill(main, parsed.data);
  const branches = new Map([['main', main]]);
  for (const fork of forks) {
    branches.set(fork.name, fill(main.fork(fork.name, fork.forkBlock, fork.forkBlock - 1), fork));
  }
  return { chainId, branches };
}

/** A log as the branch stores it: snake_case names, `topics` spread over topic0 to topic3. */
export function logInputRow(log: z.infer<typeof logRow>): InputRow {
  const { topics, ...cells } = log;
  const named = Array.isArray(topics)
    ? Object.fromEntries(topics.map((topic, position) => [`topic${position}`, topic]))
    : {};
  return { ...snakeRow(row.parse(cells)), ...named };
}

function fill(branch: ChainBranch, rows: BranchRows): ChainBranch {
  for (const block of rows.blocks) branch.addBlock(snakeRow(block));
  for (const transaction of rows.transactions) branch.addTransaction(snakeRow(transaction));
  for (const log of rows.logs) branch.addLog(logInputRow(log));
  if (rows.height !== undefined) branch.height = rows.height;
  return branch;
}

function snakeRow(camelRow: z.infer<typeof row>): InputRow {
  return Object.fromEntries(
    Object.entries(camelRow).map(([key, value]) => [
      key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase(),
      value,
    ]),
  );
}
