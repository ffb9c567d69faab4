import {
  deadLetterRow,
  feeEventRow,
  marketEventRow,
  oracleUpdateRow,
  orderEventRow,
  parameterChangeRow,
  positionEventRow,
} from '../../schema/clickhouse/rows.ts';
import type { DeadLetter } from '../../schema/events/dead-letter.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { DerivedTable, Row } from '../store/event-store.ts';

/** Domain events as rows of their tables, one table a kind. */
export function eventRows(
  events: readonly DomainEvent[],
  deadLetters: readonly DeadLetter[],
): Map<DerivedTable, Row[]> {
  const rows = new Map<DerivedTable, Row[]>();
  const push = (table: DerivedTable, row: Row) => {
    const list = rows.get(table);
    if (list) list.push(row);
    else rows.set(table, [row]);
  };
  for (const event of events) push(...rowOf(event));
  for (const letter of deadLetters) push('dead_letters', deadLetterRow(letter));
  return rows;
}

function rowOf(event: DomainEvent): [DerivedTable, Row] {
  switch (event.kind) {
    case 'position':
      return ['position_events', positionEventRow(event)];
    case 'fee':
      return ['fee_events', feeEventRow(event)];
    case 'order':
      return ['order_events', orderEventRow(event)];
    case 'market':
      return ['market_events', marketEventRow(event)];
    case 'oracle':
      return ['oracle_updates', oracleUpdateRow(event)];
    case 'parameter':
      return ['parameter_changes', parameterChangeRow(event)];
  }
}
