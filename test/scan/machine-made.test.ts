import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ScanReport } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';
import { evtgen } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';

const app = (route: string): string =>
  `const app = require('express')();\napp.post('${route}', (req, res) => res.json({ id: 1 }));\n`;
const shop = (files: Readonly<Record<string, unknown>>): string =>
  folderWith({ 'package.json': { dependencies: { express: '5' } }, 'orders.js': app('/orders'), ...files });
const found = (root: string): { paths: string[]; unresolved: string[] } => {
  const { mutations, unresolved } = scanProject(root);
  return {
    paths: mutations.map(({ path }) => path),
    unresolved: unresolved.map(({ file, reason }) => `${file} ${reason}`),
  };
};

describe('code that no person wrote by hand', () => {
  it('is named where it is nested deeper than can be followed, and the rest is scanned', async () => {
    const root = shop({
      'deep.js': `const app = require('express')();\napp.post('/deep', ${'('.repeat(20_000)}1${')'.repeat(20_000)});`,
      'sum.js': `const app = require('express')();\napp.post('/sum'${' + "a"'.repeat(20_000)}, (req, res) => res.json({}));`,
    });
    // A stack that overflows inside the test runner's own wrappers says something else.
    const { stdout, status } = await evtgen(['scan', root, '--json']);
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as ScanReport;
    expect(report.mutations.map(({ path }) => path)).toEqual(['/orders']);
    expect(report.unresolved.map(({ file, reason }) => `${file} ${reason}`)).toEqual([
      'deep.js syntax_error: nested too deeply',
      'sum.js too_deep: nested too deeply',
    ]);
  }, 60_000);

  it('is quoted in part only', () => {
    const root = shop({
      'chain.js': `unknown${`.post('/x', (req, res) => res.end())`.repeat(300)};\nrequire('express');`,
    });
    for (const reason of found(root).unresolved) expect(reason.length).toBeLessThan(300);
  }, 60_000);
});

describe('files as other systems store them', () => {
  it('are read as UTF-16 where their first bytes say so', () => {
    const root = shop({});
    const little = Buffer.from(`\uFEFF${app('/little')}`, 'utf16le');
    writeFileSync(join(root, 'little.js'), little);
    const big = Buffer.from(`\uFEFF${app('/big')}`, 'utf16le').swap16();
    writeFileSync(join(root, 'big.js'), big);
    writeFileSync(join(root, 'odd.js'), Buffer.concat([big, Buffer.from([0])]));
    expect(found(root).paths).toEqual(['/big', '/big', '/little', '/orders']);
  });

  it('are left out where links go in circles or up and out', () => {
    const root = shop({});
    const outer = folderWith({ 'others.js': app('/others') });
    symlinkSync('b.js', join(root, 'a.js'));
    symlinkSync('a.js', join(root, 'b.js'));
    symlinkSync('/', join(root, 'everything'));
    symlinkSync(outer, join(root, 'linked'));
    expect(found(root)).toEqual({ paths: ['/orders', '/others'], unresolved: [] });
  });
});
