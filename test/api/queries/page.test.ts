import { describe, expect, it } from 'vitest';
import { blockOfPage, decodeCursor, encodeCursor } from '../../../api/queries/page.ts';
import { parseDuration, parseTime } from '../../../api/queries/time-text.ts';
import { UsageError } from '../../../schema/errors.ts';

describe('cursors', () => {
  it('carry block, sort key and tie-breaker there and back', () => {
    for (const cursor of [
      { block: 3651, sortKey: -(10n ** 40n), tie: '0xab' },
      { block: 1, sortKey: 0n, tie: '13254269075478' },
    ]) {
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    }
  });

  it.each(['', 'x', Buffer.from("1|2|'; DROP").toString('base64url')])('refuse %j', (text) => {
    expect(() => decodeCursor(text)).toThrow(UsageError);
  });
});

describe('blockOfPage', () => {
  const cursor = encodeCursor({ block: 7, sortKey: 1n, tie: '0x01' });

  it('keeps a list at the block of its cursor', () => {
    expect(blockOfPage({ after: cursor })).toBe(7);
    expect(blockOfPage({ before: cursor }, 7)).toBe(7);
    expect(blockOfPage({}, 9)).toBe(9);
    expect(blockOfPage({})).toBeNull();
  });

  it.each([{ first: 201 }, { last: 201 }, { first: -1 }, { first: 1, last: 1 }])(
    'refuses %j',
    (page) => {
      expect(() => blockOfPage(page)).toThrow(UsageError);
    },
  );

  it('refuses a cursor of another block', () => {
    expect(() => blockOfPage({ after: cursor }, 8)).toThrow(UsageError);
  });

  it('allows the largest page', () => {
    expect(blockOfPage({ first: 200 })).toBeNull();
  });
});

describe('parseTime and parseDuration', () => {
  it.each([
    ['2023-08-17T21:44:00Z', 1_692_308_640],
    ['2023-08-17T23:44:00+02:00', 1_692_308_640],
    ['2023-08-17', 1_692_230_400],
    [1_692_308_640, 1_692_308_640],
    ['1692308640', 1_692_308_640],
  ])('reads the time %j', (value, seconds) => {
    expect(parseTime(value)).toBe(seconds);
  });

  it.each(['now', '2023-08-17T21:44', '2023-13-01', -1, 1.5, null, {}])(
    'refuses the time %j',
    (value) => {
      expect(() => parseTime(value)).toThrow(UsageError);
    },
  );

  it.each([
    ['PT5M', 300],
    ['P1DT2H3M4S', 93_784],
    [60, 60],
    ['60', 60],
  ])('reads the duration %j', (value, seconds) => {
    expect(parseDuration(value)).toBe(seconds);
  });

  it.each(['P', '5m', 'PT0S', 0, -5, 1.5, null])('refuses the duration %j', (value) => {
    expect(() => parseDuration(value)).toThrow(UsageError);
  });
});
