import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { AppError } from '../../schema/errors.ts';
import { builder } from '../builder.ts';
import { parseDuration, parseTime } from '../queries/time-text.ts';

/** Faults of a literal or variable go out as bad input, in the words of the parser. */
function explaining<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new GraphQLError([error.message, error.remedy].filter(Boolean).join(' '), {
      extensions: { code: 'BAD_USER_INPUT', ...error.facts },
    });
  }
}

function literalValue(node: ValueNode): unknown {
  if (node.kind === Kind.INT) return Number(node.value);
  return node.kind === Kind.STRING ? node.value : null;
}

function textMatching(name: string, pattern: RegExp) {
  return (value: unknown): string => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
    if (typeof text === 'string' && pattern.test(text)) return text;
    throw new GraphQLError(`${name} expects text like ${pattern.source}.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  };
}

const parseDecimal = textMatching('Decimal', /^-?\d{1,78}(\.\d{1,30})?$/);
builder.scalarType('Decimal', {
  description: 'Exact decimal number as text. USD unless the field says otherwise.',
  serialize: (value) => value,
  parseValue: parseDecimal,
  parseLiteral: (node) =>
    parseDecimal(
      node.kind === Kind.FLOAT || node.kind === Kind.INT || node.kind === Kind.STRING
        ? node.value
        : null,
    ),
});

const parseInteger = textMatching('BigInt', /^-?\d{1,78}$/);
builder.scalarType('BigInt', {
  description: 'Exact integer of any size as text: token amounts in base units.',
  serialize: (value) => value,
  parseValue: parseInteger,
  parseLiteral: (node) =>
    parseInteger(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : null),
});

builder.scalarType('DateTime', {
  description: 'ISO-8601 time in UTC. Arguments may also be unix seconds.',
  serialize: (value) => value,
  parseValue: (value) => explaining(() => parseTime(value)),
  parseLiteral: (node) => explaining(() => parseTime(literalValue(node))),
});

builder.scalarType('Duration', {
  description: 'ISO-8601 duration such as PT5M or P1D, or whole seconds.',
  serialize: (value) => value,
  parseValue: (value) => explaining(() => parseDuration(value)),
  parseLiteral: (node) => explaining(() => parseDuration(literalValue(node))),
});
