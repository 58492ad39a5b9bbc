import { describe, expect, it } from 'vitest';
import type { Mutation, ScanReport, Unresolved } from '../../src/scan/report.ts';
import { formatReport } from '../../src/scan/table.ts';
import { unresolvedAt } from '../../src/scan/unresolved.ts';

function mutation(path: string, changes: Partial<Mutation> = {}): Mutation {
  return {
    method: 'POST',
    path,
    framework: 'express',
    file: 'src/orders/routes.ts',
    line: 7,
    partial: false,
    kind: 'mutation',
    eventType: 'order.created',
    confidence: 'high',
    payload: null,
    payloadSource: 'none',
    sensitive: [],
    ...changes,
  };
}

function report(mutations: readonly Mutation[], unresolved: readonly Unresolved[] = []): ScanReport {
  const stats = { files: 3, parsed: 2, durationMs: 1 };
  return { schemaVersion: 1, root: '/', frameworks: ['express'], orm: null, mutations, unresolved, stats };
}

const TERMINAL = { columns: 100, hasColor: false };
const PIPE = { columns: Number.POSITIVE_INFINITY, hasColor: false };

describe('the table of a scan', () => {
  it('is a line a mutation, and ends with how many there are of each kind', () => {
    const lines = formatReport(
      report([
        mutation('/login', { kind: 'auth', eventType: null }),
        mutation('/orders'),
        mutation('/orders/search', { kind: 'query', eventType: null }),
        mutation('/{config.hooks}/pay', { kind: 'inbound_webhook', partial: true }),
      ]),
      TERMINAL,
    );
    expect(lines).toEqual([
      'POST  /login                         -              auth             src/orders/routes.ts:7',
      'POST  /orders                        order.created  high             src/orders/routes.ts:7',
      'POST  /orders/search                 -              query            src/orders/routes.ts:7',
      'POST  /{config.hooks}/pay (partial)  -              inbound_webhook  src/orders/routes.ts:7',
      '\n1 mutation, 1 event type, 1 query, 1 auth, 1 inbound webhook, 1 partial (2 of 3 files parsed)',
    ]);
  });

  it('keeps the rows of a resource together on a terminal, and is plain lines in a pipe', () => {
    const things = ['items', 'orders', 'refunds'].flatMap((name) =>
      Array.from({ length: 7 }, (_, index) => mutation(`/api/v1/${name}/a${index}`)),
    );
    const many = report([mutation('/api/v1/carts'), mutation('/api/v1/hooks'), ...things]);
    const blanks = formatReport(many, TERMINAL).flatMap((line, index) => (line === '' ? [index] : []));
    // After the two single rows, and after each seven.
    expect(blanks).toEqual([2, 10, 18]);
    expect(formatReport(many, PIPE).filter((line) => line === '')).toEqual([]);
    expect(formatReport(report(things.slice(0, 19)), TERMINAL).filter((line) => line === '')).toEqual([]);
  });

  it('takes two lines a mutation where the terminal is narrow, and none of them is too long', () => {
    const lines = formatReport(report([mutation('/orders', { file: 'packages/api/src/orders/routes.ts' })]), {
      columns: 40,
      hasColor: false,
    });
    expect(lines.slice(0, 2)).toEqual(['POST /orders', '  order.created (high)  …ers/routes.ts:7']);
    expect(lines.slice(0, 2).every((line) => line.length <= 40)).toBe(true);
  });

  it('has colours only where they are wanted', () => {
    const escape = String.fromCharCode(27);
    const withErrors = report([mutation('/orders')], [unresolvedAt('a.ts', 1, 'budget')]);
    expect(formatReport(withErrors, { columns: 100, hasColor: true }).join('')).toContain(escape);
    expect(formatReport(withErrors, TERMINAL).join('')).not.toContain(escape);
  });

  it('says at the end what could not be followed, by reason, the most frequent first', () => {
    const mounts = Array.from({ length: 9 }, (_, index) =>
      unresolvedAt(`src/m${index}.ts`, index + 1, `dynamic_mount: require(name${index})`),
    );
    const given = report([], [unresolvedAt('src/bundle.js', 1, 'file_too_large'), ...mounts]);
    const lines = formatReport(given, TERMINAL);
    expect(lines.slice(0, 4)).toEqual([
      '',
      'Could not follow (10):',
      '  only the running program knows what is mounted here; what that registers is not listed (dynamic_mount)',
      '    src/m0.ts:1  require(name0)',
    ]);
    expect(lines.slice(11)).toEqual([
      '    and 1 more: evtgen scan --json',
      '  the file is too large to have been written by hand, so it was not read (file_too_large)',
      '    src/bundle.js:1',
      '0 mutations, 0 event types, 10 unresolved (2 of 3 files parsed)',
    ]);
    expect(formatReport(given, PIPE)).toContain('    src/m8.ts:9  require(name8)');
  });
});
