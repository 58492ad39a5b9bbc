import { expect, test } from 'vitest';
import { printReport } from '../../src/generate/report.ts';

test('a handler that is mounted at several paths is shown once, with all of them', () => {
  const lines: string[] = [];
  const terminal = {
    cwd: '/',
    env: {},
    isInteractive: false,
    columns: 80,
    result: (line: string) => void lines.push(line),
    note: () => {},
    progress: () => {},
  };
  const place = { file: 'src/orders.ts', line: 12 };
  const wired = (mutation: string) => ({
    ...place,
    mutation,
    outcome: 'joined' as const,
    reason: 'last in the transaction',
  });
  const byHand = (mutation: string, line: number) => ({
    ...place,
    mutation,
    line,
    reason: 'no write',
    snippet: 'emit',
  });
  const wiring = {
    changes: [],
    // Of two controllers, one is chosen when it runs: they have one path.
    wired: [wired('POST /api/orders'), wired('POST /api/v2/orders'), wired('POST /api/orders')],
    byHand: [
      byHand('DELETE /api/orders', 40),
      byHand('PUT /api/orders', 50),
      byHand('DELETE /v2/orders', 40),
    ],
    notAtomic: [],
    orphans: [],
    needed: new Map(),
    isMounted: true,
    testsWithoutEmitter: [],
    testsWithoutTransaction: [],
  };
  const kernel = { installed: '0.1.0', available: '0.1.0', missingFixes: [] };
  const report = { changes: [], kernel, warnings: [], wiring, nextSteps: [], dir: '.', isApplied: true };
  printReport(report, false, terminal);
  expect(lines.join('\n')).toBe(
    [
      'everything is up to date',
      '',
      'wired    POST /api/orders, POST /api/v2/orders in src/orders.ts:12  (last in the transaction)',
      '',
      'by hand: DELETE /api/orders, DELETE /v2/orders in src/orders.ts:40',
      '  no write',
      '    emit',
      '',
      'by hand: PUT /api/orders in src/orders.ts:50',
      '  no write',
      '    emit',
      '',
      'mutations: 2 wired, 3 by hand',
    ].join('\n'),
  );
});
