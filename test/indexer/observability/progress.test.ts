import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  formatProgress,
  formatSeconds,
  ProgressLine,
} from '../../../indexer/observability/progress.ts';
import { ProgressBoard } from '../../../indexer/observability/progress-board.ts';

const job = { fromBlock: 101, toBlock: 200 };

function recorder(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  }) as unknown as NodeJS.WriteStream;
  stream.isTTY = isTTY;
  return { stream, text: () => text };
}

describe('formatProgress', () => {
  it('says blocks, logs, events, rate and time left', () => {
    expect(formatProgress({ job, block: 150, logs: 1234, events: 5000, seconds: 10 })).toBe(
      'block 150 of 200 (50 %) · 1,234 logs · 5,000 events · 500 events/s · 10 s left',
    );
  });

  it('says how long it took once it is done', () => {
    expect(formatProgress({ job, block: 200, logs: 1, events: 2, seconds: 4 })).toMatch(
      /\(100 %\).*done in 4\.0 s$/,
    );
  });

  it('claims no time left before the first block', () => {
    expect(formatProgress({ job, block: 100, logs: 0, events: 0, seconds: 3 })).not.toContain(
      'left',
    );
  });
});

describe('formatSeconds', () => {
  it('keeps to two figures that matter', () => {
    expect([3.21, 65, 300, 3723].map(formatSeconds)).toEqual(['3.2 s', '65 s', '5 min', '62 min']);
    expect(formatSeconds(9000)).toBe('2 h 30 min');
  });
});

describe('ProgressLine', () => {
  it('rewrites one line on a terminal', () => {
    const { stream, text } = recorder(true);
    const line = new ProgressLine(job, new ProgressBoard(stream).line());
    line.projected(150, 10);
    line.finish();
    expect(text().startsWith('\r\u001b[2K')).toBe(true);
    expect(text().endsWith('\n')).toBe(true);
  });

  it('writes plain lines of log elsewhere, not one a batch', () => {
    const { stream, text } = recorder(false);
    const line = new ProgressLine(job, new ProgressBoard(stream).line());
    for (let block = 101; block <= 200; block++) line.projected(block, 10);
    line.finish();
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(text()).not.toContain('\u001b');
    expect(lines[1]).toContain('block 200 of 200 (100 %)');
  });
});

describe('ProgressBoard', () => {
  it('keeps the lines of several chains below the notes on a terminal', () => {
    const { stream, text } = recorder(true);
    const board = new ProgressBoard(stream);
    const one = board.line('one');
    const two = board.line('two');
    one.show('1 %');
    two.show('2 %');
    board.note('a note');
    one.show('100 %');
    one.finish();
    two.finish();
    expect(screenOf(text())).toEqual(['a note', 'one: 100 %', 'two: 2 %', '']);
  });

  it('puts the name of the chain before each line of log', () => {
    const { stream, text } = recorder(false);
    const board = new ProgressBoard(stream);
    board.line('one').show('1 %');
    board.note('a note');
    expect(text()).toBe('one: 1 %\na note\n');
  });
});

const CODES = ['\u001b[2K', '\u001b[1A', '\r', '\n'];

/** What a terminal shows that knows carriage return, clear line and up. */
function screenOf(written: string): string[] {
  const lines = [''];
  let row = 0;
  for (let at = 0, token = ''; at < written.length; at += token.length) {
    token = CODES.find((code) => written.startsWith(code, at)) ?? written.charAt(at);
    if (token === '\u001b[2K') lines[row] = '';
    else if (token === '\u001b[1A') row -= 1;
    else if (token === '\n') lines[++row] ??= '';
    else if (token !== '\r') lines[row] += token;
  }
  return lines;
}
