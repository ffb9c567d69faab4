import type { ChainBranch } from './chain-branch.ts';
import type { ColumnTable } from './column-table.ts';
import type { BlockFilter, LogFilter, QueryBody, TransactionFilter } from './query-body.ts';
import { hexBytes } from './value-bytes.ts';

/** Tells whether a row of a table is selected. */
export type RowTest = (row: number) => boolean;

export const everyRow: RowTest = () => true;

/** Null when the query selects nothing of the table; `everyRow` when it selects all of it. */
export function logTest(branch: ChainBranch, query: QueryBody): RowTest | null {
  return anyOf(query.logs, (filter: LogFilter) => {
    const tests: RowTest[] = [];
    const addresses = keySet(filter.address);
    if (addresses) tests.push(branch.addresses.matcher(addresses));
    filter.topics?.forEach((list, position) => {
      const topics = keySet(list);
      if (!topics) return;
      tests.push(
        position === 0
          ? branch.topics0.matcher(topics)
          : keyTest(branch.logs, `topic${position}`, topics),
      );
    });
    return tests;
  });
}

/** As logTest, for the transactions table. */
export function transactionTest(branch: ChainBranch, query: QueryBody): RowTest | null {
  const table = branch.transactions;
  return anyOf(query.transactions, (filter: TransactionFilter) => {
    const tests = keyTests(table, {
      from: filter.from,
      to: filter.to,
      sighash: filter.sighash,
      hash: filter.hash,
      contract_address: filter.contract_address,
    });
    const { status, type } = filter;
    if (typeof status === 'number') tests.push((row) => table.numbers('status').at(row) === status);
    if (type && type.length > 0) {
      tests.push((row) => type.includes(table.numbers('type').at(row) ?? -1));
    }
    return tests;
  });
}

/** As logTest, for the blocks table (rows are header rows). */
export function blockTest(branch: ChainBranch, query: QueryBody): RowTest | null {
  return anyOf(query.blocks, (filter: BlockFilter) =>
    keyTests(branch.blocks, { hash: filter.hash, miner: filter.miner }),
  );
}

type Selection<Filter> = Filter & { readonly exclude?: Filter | null | undefined };

/** Selections are OR-ed, the fields in one are AND-ed, and `exclude` takes away. */
function anyOf<Filter>(
  selections: readonly Selection<Filter>[],
  testsOf: (filter: Filter) => RowTest[],
): RowTest | null {
  if (selections.length === 0) return null;
  const parts = selections.map((selection) => {
    const included = allOf(testsOf(selection));
    if (!selection.exclude) return included;
    const excluded = allOf(testsOf(selection.exclude));
    return (row: number) => included(row) && !excluded(row);
  });
  if (parts.includes(everyRow)) return everyRow;
  return (row) => parts.some((part) => part(row));
}

function allOf(tests: readonly RowTest[]): RowTest {
  if (tests.length === 0) return everyRow;
  return (row) => tests.every((test) => test(row));
}

function keyTests(
  table: ColumnTable,
  lists: Readonly<Record<string, readonly string[] | undefined>>,
): RowTest[] {
  return Object.entries(lists).flatMap(([column, list]) => {
    const keys = keySet(list);
    return keys ? [keyTest(table, column, keys)] : [];
  });
}

function keyTest(table: ColumnTable, column: string, keys: ReadonlySet<string>): RowTest {
  const values = table.bytes(column);
  return (row) => {
    const key = values.key(row);
    return key !== null && keys.has(key);
  };
}

/** An empty or absent list means any value. */
function keySet(list: readonly string[] | undefined): ReadonlySet<string> | null {
  if (!list || list.length === 0) return null;
  return new Set(list.map((hex) => hexBytes(hex).toString('latin1')));
}
