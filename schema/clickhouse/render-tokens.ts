import { CorruptDataError } from '../errors.ts';
import { endOfQuotation, quotationAt } from './split-statements.ts';

/** A word, quoted text or sign of a statement; comments and blanks are left out. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Round brackets open around it. */
  readonly depth: number;
}

/** Tokens of one statement. @throws CorruptDataError when a quotation or bracket never ends. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const opened = quotationAt(sql, at);
    const end = opened
      ? endOfQuotation(sql, at + opened.mark, opened.quotation)
      : at + (/^[A-Za-z0-9_]+/.exec(sql.slice(at, at + 256))?.[0].length ?? 1);
    const text = sql.slice(at, end);
    if (text === ')') depth--;
    if (!opened?.quotation.isComment && text.trim() !== '') {
      tokens.push({ text, start: at, end, depth });
    }
    if (text === '(') depth++;
    at = end;
  }
  if (depth !== 0) {
    throw new CorruptDataError('A bracket in the SQL has no partner.', {
      facts: { statement: sql.slice(0, 80) },
    });
  }
  return tokens;
}

/** Reads the tokens of a statement from left to right. */
export class TokenReader {
  readonly tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get next(): Token | undefined {
    return this.tokens[this.#at];
  }

  /** Steps over these words when they come next (whatever their case). */
  take(...words: readonly string[]): boolean {
    const isNext = words.every(
      (word, offset) => this.tokens[this.#at + offset]?.text.toUpperCase() === word,
    );
    if (isNext) this.#at += words.length;
    return isNext;
  }

  step(): Token | undefined {
    return this.tokens[this.#at++];
  }
}
