import { CorruptDataError } from '../errors.ts';

/** How a stretch that may hold `;` begins, and what ends it. */
interface Quotation {
  readonly closing: string;
  /** Whether a backslash takes the next character with it. */
  readonly escapes: boolean;
  readonly isComment: boolean;
}

const TEXT: Quotation = { closing: "'", escapes: true, isComment: false };
const LINE_COMMENT: Quotation = { closing: '\n', escapes: false, isComment: true };

/** The quotation that opens at `at`, with the length of its opening mark. */
export function quotationAt(
  sql: string,
  at: number,
): { mark: number; quotation: Quotation } | null {
  const character = sql[at];
  const pair = sql.slice(at, at + 2);
  if (character === "'") return { mark: 1, quotation: TEXT };
  if (character === '"' || character === '`') {
    return { mark: 1, quotation: { closing: character, escapes: true, isComment: false } };
  }
  if (pair === '--' || pair === '#!') return { mark: 2, quotation: LINE_COMMENT };
  if (pair === '/*') {
    return { mark: 2, quotation: { closing: '*/', escapes: false, isComment: true } };
  }
  if (character === '$') {
    const heredoc = /^\$\w*\$/.exec(sql.slice(at, at + 66))?.[0];
    if (heredoc) {
      return {
        mark: heredoc.length,
        quotation: { closing: heredoc, escapes: false, isComment: false },
      };
    }
  }
  return null;
}

/** Index just behind the quotation that began before `from`. */
export function endOfQuotation(sql: string, from: number, quotation: Quotation): number {
  for (let at = from; at < sql.length; at++) {
    if (quotation.escapes && sql[at] === '\\') at++;
    else if (sql.startsWith(quotation.closing, at)) return at + quotation.closing.length;
  }
  // A line comment may end with the file. A doubled quote ('it''s') reads as two texts: no harm.
  if (quotation === LINE_COMMENT) return sql.length;
  throw new CorruptDataError('A quotation or comment in the SQL never ends.', {
    facts: { line: sql.slice(0, from).split('\n').length, expected: quotation.closing },
  });
}

/**
 * Statements of an SQL text, without the `;` between them and without pieces that hold only
 * comments. A server takes one statement a call ("Multi-statements are not allowed"), and comments
 * and texts may hold `;` and quotes.
 * @throws CorruptDataError when a quotation or block comment never ends.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasCode = false;
  const finish = (end: number): void => {
    if (hasCode) statements.push(sql.slice(start, end).trim());
    start = end + 1;
    hasCode = false;
  };
  let at = 0;
  while (at < sql.length) {
    const opened = quotationAt(sql, at);
    if (opened) {
      hasCode ||= !opened.quotation.isComment;
      at = endOfQuotation(sql, at + opened.mark, opened.quotation);
      continue;
    }
    if (sql[at] === ';') finish(at);
    else if (!hasCode && /\S/.test(sql[at] ?? '')) hasCode = true;
    at++;
  }
  finish(sql.length);
  return statements;
}
