import type { Details } from '../../../schema/events/place.ts';
import type { Trade } from './trade.ts';

type Text = string | boolean | readonly (string | boolean)[];

/**
 * Everything a log said, under the contract's own names: the fields of nested structs stand beside
 * the others, arrays of structs become `field: [value of each item]` with the array's name before.
 * Placeholders are left out.
 */
export function detailsOf(args: object, omit: readonly string[] = []): Details {
  const details: Record<string, Text> = {};
  for (const [name, value] of Object.entries(args) as [string, unknown][]) {
    if (name === '__placeholder' || omit.includes(name)) continue;
    if (Array.isArray(value)) Object.assign(details, columnsOf(name, value));
    else if (typeof value === 'object' && value !== null) Object.assign(details, detailsOf(value));
    else details[name] = textOf(value);
  }
  return details;
}

function columnsOf(name: string, items: readonly unknown[]): Record<string, readonly string[]> {
  const rows = items.filter((item): item is object => typeof item === 'object' && item !== null);
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(
    fields.map((field) => [
      `${name}.${field}`,
      rows.map((row) => String((row as Record<string, unknown>)[field])),
    ]),
  );
}

function textOf(value: unknown): string | boolean {
  return typeof value === 'boolean' ? value : String(value);
}

/** The stored trade under the contract's names, for the margin rules. */
export function tradeDetails(trade: Trade): Details {
  return detailsOf(trade, ['user', 'pairIndex', 'isOpen', 'tradeType', 'long']);
}
