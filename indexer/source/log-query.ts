import type { FieldSelection, LogFilter, Query } from '@envio-dev/hypersync-client';
import { UsageError } from '../../schema/errors.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';

/** Only what the evidence tables hold is asked for: every further field costs time on both sides. */
export const EVIDENCE_FIELDS = {
  log: [
    'BlockNumber',
    'BlockHash',
    'TransactionHash',
    'TransactionIndex',
    'LogIndex',
    'Address',
    'Topic0',
    'Topic1',
    'Topic2',
    'Topic3',
    'Data',
  ],
  block: ['Number', 'Hash', 'ParentHash', 'Timestamp'],
  transaction: [
    'BlockNumber',
    'TransactionIndex',
    'Hash',
    'From',
    'To',
    'Status',
    'GasUsed',
    'EffectiveGasPrice',
  ],
} satisfies FieldSelection;

/** Where rows are, without their content. */
export const PLACE_FIELDS = {
  log: ['BlockNumber', 'LogIndex'],
  block: ['Number'],
  transaction: ['BlockNumber', 'TransactionIndex'],
} satisfies FieldSelection;

/** Headers of blocks, nothing else. */
export const HEADER_FIELDS = {
  block: ['Number', 'Hash', 'ParentHash', 'Timestamp'],
} satisfies FieldSelection;

/** Our selections in the client's form. @throws UsageError for an impossible one. */
export function logFilters(selections: readonly LogSelection[]): LogFilter[] {
  return selections.map((selection) => {
    requireHex('address', selection.addresses, 20);
    selection.topics.forEach((values, position) => {
      requireHex(`topic ${position}`, values, 32);
    });
    if (selection.topics.length > 4) {
      throw new UsageError('A log has at most four topics.', {
        facts: { topics: selection.topics.length },
      });
    }
    return {
      address: [...selection.addresses],
      topics: selection.topics.map((values) => [...values]),
    };
  });
}

/**
 * Query for blocks [fromBlock, toBlock]. `to_block` on the wire is exclusive and is always given:
 * without it the client's stream may stop one block short of the head.
 */
export function evidenceQuery(request: {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly selections: readonly LogSelection[];
  readonly includeAllBlocks: boolean;
  readonly maxLogs: number;
}): Query {
  return {
    fromBlock: requireBlock(request.fromBlock),
    toBlock: requireBlock(request.toBlock) + 1,
    logs: logFilters(request.selections),
    includeAllBlocks: request.includeAllBlocks,
    fieldSelection: EVIDENCE_FIELDS,
    maxNumLogs: request.maxLogs,
  };
}

/** The client rounds above 2^53 in silence; nothing of the kind gets that far. */
function requireBlock(number: number): number {
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new UsageError('A block number is a whole number from 0.', { facts: { number } });
  }
  return number;
}

function requireHex(what: string, values: readonly string[], bytes: number): void {
  const wrong = values.find((value) => !new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`).test(value));
  if (wrong !== undefined) {
    throw new UsageError(`A ${what} to select by is 0x and ${bytes * 2} hex digits.`, {
      facts: { value: wrong.slice(0, 80) },
    });
  }
}
