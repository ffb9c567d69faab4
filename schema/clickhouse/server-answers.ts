import { parseError } from '@clickhouse/client';
import { ServerAwayError } from './engine-errors.ts';

/** Names the mark that a server of 25.11 or later puts round an exception within an answer. */
export const EXCEPTION_TAG_HEADER = 'x-clickhouse-exception-tag';

/** An exception stands at the end of an answer: no more than this is searched. */
const TAIL_BYTES = 65_536;

/**
 * Rows of a JSONEachRow answer. A server that fails half way has said 200 already and puts the
 * exception in place of the rest; the client reads on some servers' texts only.
 * @throws ClickHouseError of that exception; ServerAwayError on a row that is none.
 */
export function rowsOfAnswer<T>(text: string, tag: string | undefined): T[] {
  if (tag !== undefined) assertNoTaggedException(text.slice(-TAIL_BYTES), tag);
  const rows: T[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end > start) rows.push(parseRow<T>(text, start, end));
    start = end + 1;
  }
  return rows;
}

function parseRow<T>(text: string, start: number, end: number): T {
  try {
    return JSON.parse(text.slice(start, end)) as T;
  } catch (cause) {
    // The row itself may be cut, with the exception behind it.
    const exception = /Code: \d+\. DB::Exception: [\s\S]*/.exec(
      text.slice(start, start + TAIL_BYTES),
    );
    if (exception) throw parseError(exception[0]);
    throw brokenOff(cause);
  }
}

/**
 * Says whether an answer of any format is whole.
 * @throws ClickHouseError when an exception stands in place of its end.
 */
export function assertWholeAnswer(bytes: Buffer, tag: string | undefined): void {
  const tail = bytes.subarray(-TAIL_BYTES).toString('latin1');
  if (tag !== undefined) assertNoTaggedException(tail, tag);
  const exception = /Code: \d+\. DB::Exception: [\s\S]*\(version [^()]*(?:\([^()]*\))?\)\s*$/.exec(
    tail,
  );
  if (exception) throw parseError(exception[0]);
}

/** `\r\n__exception__\r\n<tag>\r\n<text><length> <tag>\r\n__exception__\r\n`. */
function assertNoTaggedException(tail: string, tag: string): void {
  const opening = `__exception__\r\n${tag}\r\n`;
  const at = tail.lastIndexOf(opening);
  if (at >= 0) throw parseError(tail.slice(at + opening.length));
}

function brokenOff(cause: unknown): ServerAwayError {
  return new ServerAwayError('The answer of the ClickHouse server breaks off.', {
    remedy: 'It passes by itself, or what stands before the server cuts its answers.',
    cause,
  });
}
