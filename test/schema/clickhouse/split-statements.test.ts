import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../../schema/clickhouse/split-statements.ts';
import { CorruptDataError } from '../../../schema/errors.ts';

describe('splitStatements', () => {
  it('splits at semicolons and drops what is empty', () => {
    expect(splitStatements('SELECT 1;\n\nSELECT 2 ; ;')).toEqual(['SELECT 1', 'SELECT 2']);
    expect(splitStatements('')).toEqual([]);
    expect(splitStatements('SELECT 1')).toEqual(['SELECT 1']);
  });

  it.each([
    ['line comment', "SELECT 1 -- it's; not the end\n, 2"],
    ['last line comment', 'SELECT 1 -- no newline; here'],
    ['block comment', "SELECT /* a; 'b */ 1"],
    ['text', "SELECT ';' AS a"],
    ['doubled quote', "SELECT 'it''s; one' AS a"],
    ['escaped quote', "SELECT 'it\\'s; one' AS a"],
    ['quoted name', 'SELECT 1 AS `a;b`, 2 AS "c;d"'],
    ['heredoc', "SELECT $x$ a; 'b $x$ AS a"],
    ['comment marks within text', "SELECT '-- /*', ';'"],
  ])('leaves a %s whole', (_, sql) => {
    expect(splitStatements(`${sql}\n;SELECT 2`)).toHaveLength(2);
    expect(splitStatements(`${sql}\n;SELECT 2`)[0]).toBe(sql);
  });

  it('drops a piece that holds only comments', () => {
    expect(splitStatements('-- a;\n/* b; */;SELECT 1;-- end')).toEqual(['SELECT 1']);
  });

  it('refuses a text or block comment that never ends', () => {
    for (const sql of ["SELECT 'a;", 'SELECT /* a; SELECT 2', 'SELECT `a', 'SELECT $$ a']) {
      expect(() => splitStatements(sql)).toThrow(CorruptDataError);
    }
  });

  it('finds one verb in each statement of our own migrations', () => {
    const folder = fileURLToPath(
      new URL('../../../schema/clickhouse/migrations/', import.meta.url),
    );
    for (const name of readdirSync(folder)) {
      const sql = readFileSync(folder + name, 'utf8');
      const statements = splitStatements(sql);
      const heads = /^(CREATE|ALTER|DROP|INSERT|EXCHANGE) /gm;
      expect(statements.length).toBe(sql.match(heads)?.length);
      for (const statement of statements) expect(statement.match(heads)).toHaveLength(1);
    }
  });
});
