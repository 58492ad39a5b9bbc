import { describe, expect, it } from 'vitest';
import { parseSince, parseTimeFlag } from '../../src/operate/moment.ts';
import { columnLines } from '../../src/ui/columns.ts';
import { relativeTime, shortTime } from '../../src/ui/times.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a time on the command line', () => {
  it.each([
    ['2h', '2026-01-31T10:00:00.000Z'],
    ['90s', '2026-01-31T11:58:30.000Z'],
    ['7d', '2026-01-24T12:00:00.000Z'],
    ['2026-01-30', '2026-01-30T00:00:00.000Z'],
    ['2026-01-30T08:00+01:00', '2026-01-30T07:00:00.000Z'],
    ['2026-01-30T08:00:00.5Z', '2026-01-30T08:00:00.500Z'],
  ])('%s is %s', (text, time) => {
    expect(parseTimeFlag('--since', text, NOW)).toBe(time);
    expect(parseSince('--since', text, NOW)).toBe(time);
  });

  it('may be a position of the log where that makes sense', () => {
    expect(parseSince('--since', '1200')).toBe('1200');
    expect(() => parseTimeFlag('--since', '1200')).toThrow('--since: expected a time');
  });

  it.each(['', 'noon', '-1', '2026-02-31T', '2026-13-01', '2026-01-30T08:00', '1.5'])(
    '%j is none',
    (text) => {
      expect(() => parseSince('--until', text)).toThrow('--until: expected');
    },
  );
});

describe('a time on the screen', () => {
  it.each([
    [-500, '0 s ago'],
    [-45_000, '45 s ago'],
    [-180_000, '3 min ago'],
    [7_200_000, 'in 2 h'],
    [-172_800_000, '2 d ago'],
  ])('%d ms away is %s', (difference, text) => {
    expect(relativeTime(new Date(NOW + difference).toISOString(), NOW)).toBe(text);
  });

  it('names the day unless it is today', () => {
    expect(shortTime('2026-01-31T12:00:00Z', NOW)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(shortTime('2026-01-01T12:00:00Z', NOW)).toMatch(/^2026-01-0\d \d\d:\d\d$/);
  });
});

describe('a table', () => {
  const rows = [
    { id: '1', type: 'order.created', note: 'a\u001B[31m\nb' },
    { id: '20', type: 'x', note: 'something long' },
  ];
  const columns = [
    { title: 'ID', cell: (row: (typeof rows)[number]) => row.id },
    { title: 'TYPE', cell: (row: (typeof rows)[number]) => row.type, canShrink: true },
    { title: 'NOTE', cell: (row: (typeof rows)[number]) => row.note, canShrink: true },
  ];

  it('cuts the last columns first, and lets nobody write over the terminal', () => {
    expect(columnLines(rows, columns, Number.POSITIVE_INFINITY)).toEqual([
      'ID  TYPE           NOTE',
      '1   order.created  a [31m b',
      '20  x              something long',
    ]);
    expect(columnLines(rows, columns, 28)[2]).toBe('20  x              somethin…');
    expect(columnLines(rows, columns, 20)[1]).toBe('1   order.c…  a [31m b');
  });
});
