import { readFileSync } from 'node:fs';
import { CorruptDataError } from '../../schema/errors.ts';

/**
 * Rows of a committed table of oracle feeds: tab-separated, its first line the names of the columns.
 * `patterns` says for each column what a cell must be.
 * @throws CorruptDataError naming the line that is not of that form.
 */
export function readFeedTable<Column extends string>(
  url: URL,
  patterns: Readonly<Record<Column, RegExp>>,
): readonly Readonly<Record<Column, string>>[] {
  const columns = Object.keys(patterns) as Column[];
  const [header, ...lines] = readFileSync(url, 'utf8').replace(/\n$/, '').split('\n');
  if (header !== columns.join('\t')) throw damaged(url, 1);
  return lines.map((line, index) => {
    const cells = line.split('\t');
    const isRow = columns.every((column, at) => patterns[column].test(cells[at] ?? '\t'));
    if (!isRow || cells.length !== columns.length) throw damaged(url, index + 2);
    return Object.fromEntries(columns.map((column, at) => [column, cells[at]])) as Record<
      Column,
      string
    >;
  });
}

function damaged(url: URL, line: number): CorruptDataError {
  return new CorruptDataError('A list of oracle feeds cannot be read.', {
    facts: { file: url.pathname, line },
    remedy: 'Restore the file from the release: it is not meant to be edited.',
  });
}
