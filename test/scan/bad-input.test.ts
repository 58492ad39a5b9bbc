import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-scan-'));
  put('package.json', '{"dependencies":{"express":"5"}}');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const put = (file: string, text: string): void => {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
};
const app = (route: string): string =>
  `const app = require('express')();\napp.post('${route}', (req, res) => res.json({ id: 1 }));\n`;
const paths = (): string[] => scanProject(root).mutations.map(({ path }) => path);

describe('a project that is not as it should be', () => {
  it('without a folder or a package.json is refused', () => {
    expect(() => scanProject(join(root, 'none'))).toThrow(/^there is no folder .*none$/);
    mkdirSync(join(root, 'sub'));
    expect(() => scanProject(join(root, 'sub'))).toThrow(/^there is no package\.json in .*sub$/);
  });

  it('with its packages in folders side by side is refused with their names', () => {
    rmSync(join(root, 'package.json'));
    put('backend/package.json', '{}');
    put('apps/web/package.json', '{}');
    put('backend/node_modules/express/package.json', '{}');
    expect(() => scanProject(root)).toThrow(
      expect.objectContaining({
        hint: 'name the folder of the package that holds your API: apps/web, backend',
      }),
    );
  });

  it('with a syntax error is scanned but for that file', () => {
    put('a.js', app('/orders'));
    put('b.js', "const app = require('express')();\napp.post('/items', (req, res => {\n");
    const report = scanProject(root);
    expect(report.mutations.map(({ path }) => path)).toContain('/orders');
    expect(report.unresolved).toMatchObject([
      { file: 'b.js', reason: expect.stringMatching(/^syntax_error: /) },
    ]);
  });

  it('with CRLF, a byte order mark and symlink loops is scanned', () => {
    put('src/app.js', `\uFEFF${app('/orders').replaceAll('\n', '\r\n')}`);
    symlinkSync('..', join(root, 'src', 'loop'));
    symlinkSync('nowhere', join(root, 'src', 'broken.js'));
    expect(scanProject(root).mutations).toMatchObject([{ path: '/orders', file: 'src/app.js', line: 2 }]);
  });

  it('is scanned without dependencies, build output and tests', () => {
    for (const folder of ['node_modules/x', 'dist', '.next', 'coverage', 'test', 'src/__tests__']) {
      put(`${folder}/app.js`, app('/not-ours'));
    }
    put('src/app.spec.js', app('/not-ours'));
    put('src/build/app.js', app('/builds'));
    expect(paths()).toEqual(['/builds']);
  });

  // The whole budget is spent: a busy machine takes its time for that.
  it('whose registration code runs too long is scanned as far as it goes, and that is said', () => {
    const turns = `[${Array.from({ length: 400 }, (_, index) => index).join()}]`;
    put(
      'a.js',
      `${app('/orders')}for (const a of ${turns}) for (const b of ${turns}) for (const c of ${turns}) a + b + c;`,
    );
    const report = scanProject(root);
    expect(report.mutations).toMatchObject([{ path: '/orders' }]);
    expect(report.unresolved).toMatchObject([{ file: '.', reason: expect.stringMatching(/^budget: /) }]);
  }, 240_000);

  it('whose lists double without end is scanned', () => {
    put(
      'a.js',
      `let all = [1, 2];\nfor (let i = 0; i < 40; i += 1) all = [...all, ...all];\n${app('/orders')}`,
    );
    expect(paths()).toEqual(['/orders']);
  });

  it('that imports in circles and calls itself comes to an end', () => {
    put('a.js', `const b = require('./b');\n${app('/a')}module.exports = { app, again: () => b.again() };\n`);
    put(
      'b.js',
      "const a = require('./a');\nmodule.exports = { again: () => a.again() };\nmodule.exports.again();\n",
    );
    put('c.js', `${app('/c')}let n = 'x';\nwhile (process.env.GO) n += n;\nfor (;;) { n = n + n; }\n`);
    expect(paths()).toEqual(['/a', '/c']);
  });

  it('has files that are never parsed where nothing speaks of routing', () => {
    put('src/app.js', app('/orders'));
    put('src/unrelated.js', 'export const nothing = 1;\n');
    expect(scanProject(root).stats).toMatchObject({ files: 2, parsed: 1 });
  });

  it('names files that are too large to read', () => {
    put('src/app.js', app('/orders'));
    put('src/bundle.js', `/* ${'x'.repeat(1_600_000)} */`);
    expect(scanProject(root).unresolved).toMatchObject([
      { file: 'src/bundle.js', line: 1, reason: 'file_too_large' },
    ]);
  });

  it('reads no such file where one is imported either', () => {
    const filling = 'x'.repeat(1_600_000);
    put('src/app.js', `${app('/orders')}app.put(require('./bundle').path, (req, res) => res.json({}));\n`);
    put('src/bundle.js', `exports.path = '/bundled'; /* ${filling} */`);
    put('src/settings.js', app(`/' + require('./data.json').path + '`));
    put('src/data.json', JSON.stringify({ path: 'data', filling }));
    const report = scanProject(root);
    expect(report.mutations.filter(({ partial }) => !partial).map(({ path }) => path)).toEqual(['/orders']);
    expect(report.mutations).toHaveLength(3);
    expect(report.unresolved).toMatchObject([{ file: 'src/bundle.js', reason: 'file_too_large' }]);
    expect(report.stats).toMatchObject({ files: 3 });
  });

  it('takes include and exclude from the config', () => {
    put('src/a.js', app('/a'));
    put('src/old/b.js', app('/b'));
    const options = { include: ['src/**'], exclude: ['src/old'] };
    expect(scanProject(root, options).mutations.map(({ path }) => path)).toEqual(['/a']);
  });
});
