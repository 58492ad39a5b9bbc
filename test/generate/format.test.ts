import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { firstLine, formatCopies } from '../../src/generate/format-copies.ts';
import { createFormatter, detectFormatter } from '../../src/generate/format.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { MANIFEST } from './older.ts';
import { linkDependencies, shopWithCatalog, type TestProject } from './project.ts';

const KERNEL = 'src/events/kernel/emit.ts';
/** Comments may end with a semicolon as well. */
const STATEMENT_END = /^(?:import|export) .*;$/m;
let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
});
afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

const write = (path: string, content: unknown): void =>
  writeFileSync(project.path(path), typeof content === 'string' ? content : JSON.stringify(content));
const addToPackage = (part: object): void =>
  write('package.json', { ...(JSON.parse(project.read('package.json')) as object), ...part });

const WRITTEN = [KERNEL, 'src/events/registry.ts', 'src/routes/webhooks.ts'];

/** Generates without a formatter, and takes files away again: a formatter over all of them takes its time. */
async function generatedButFor(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await project.generate();
  for (const path of paths) rmSync(project.path(path));
  return project.files();
}

/** Each asks for what evtgen's own layout is not: double quotes, no semicolons. */
const CONFIGURED: readonly (readonly [id: string, file: string, content: unknown, ignore: () => void])[] = [
  ['prettier', '.prettierrc', { semi: false }, () => write('.prettierignore', 'src/events/kernel\n')],
  [
    'biome',
    'biome.json',
    { javascript: { formatter: { semicolons: 'asNeeded' } } },
    () =>
      write('biome.json', {
        files: { includes: ['**', '!src/events/kernel'] },
        javascript: { formatter: { semicolons: 'asNeeded' } },
      }),
  ],
  ['oxfmt', '.oxfmtrc.json', { semi: false }, () => write('.prettierignore', 'src/events/kernel\n')],
  [
    'dprint',
    'dprint.json',
    dprintConfig([]),
    () => write('dprint.json', dprintConfig(['src/events/kernel/**'])),
  ],
];

function dprintConfig(excludes: readonly string[]): object {
  const plugins = [`${repositoryRoot}/node_modules/@dprint/typescript/plugin.wasm`];
  return { typescript: { semiColons: 'asi', lineWidth: 80 }, excludes, plugins };
}

describe.each(CONFIGURED)('%s', (id, file, content, ignore) => {
  test(
    'goes over what is written and nothing else, and a second run changes no byte',
    { timeout: 240_000 },
    async () => {
      const before = await generatedButFor(WRITTEN);
      linkDependencies(project);
      write(file, content);
      const { status, stdout } = await project.generate();
      expect([status, stdout]).toEqual([0, expect.not.stringContaining('warning')]);
      const after = project.files();
      for (const path of WRITTEN) {
        expect(project.read(path)).not.toMatch(STATEMENT_END);
        expect(project.read(path)).toMatch(/^import .*"$/m);
      }
      const others = [...before].filter(([path]) => path !== MANIFEST);
      for (const [path, text] of others) expect(after.get(path)).toBe(text);

      expect((await project.generate('check')).status).toBe(0);
      expect((await project.generate()).stdout).toMatch(/^everything is up to date/);
      expect(project.files()).toEqual(after);
    },
  );

  test('leaves the files that it is told to ignore as evtgen wrote them', { timeout: 240_000 }, async () => {
    await project.generate();
    const raw = project.files();
    linkDependencies(project);
    write(file, content);
    ignore();
    const formatter = createFormatter(project.root, undefined);
    expect(formatter.id).toBe(id);
    const files = [KERNEL, 'src/events/registry.ts'].map((path) => ({ path, text: raw.get(path) ?? '' }));
    const [kernel, registry] = await formatter.format(files);
    expect(formatter.warnings).toEqual([]);
    expect(kernel).toBe(raw.get(KERNEL));
    expect(registry).not.toMatch(STATEMENT_END);
  });

  test('that cannot parse a file leaves it and says so', { timeout: 240_000 }, async () => {
    linkDependencies(project);
    write(file, content);
    const formatter = createFormatter(project.root, undefined);
    const [broken, fine] = await formatter.format([
      { path: 'src/a.ts', text: 'const =;\n' },
      { path: 'src/b.ts', text: "const b  =  'x';\n" },
    ]);
    expect([broken, fine]).toEqual(['const =;\n', 'const b = "x"\n']);
    expect(formatter.warnings).toEqual([
      expect.stringMatching(new RegExp(`^${id} cannot format src/a\\.ts: \\S`)),
    ]);
  });

  test('formats several texts of one file, as a merge has them, each by itself', async () => {
    linkDependencies(project);
    write(file, content);
    const formatter = createFormatter(project.root, undefined);
    const texts = await formatter.format([
      { path: 'src/a.ts', text: "const mine  =  'x';\n" },
      { path: 'src/b.ts', text: "const other  =  'x';\n" },
      { path: 'src/a.ts', text: "const base  =  'x';\n" },
    ]);
    expect(texts).toEqual(['const mine = "x"\n', 'const other = "x"\n', 'const base = "x"\n']);
  });

  test('that is not installed is a warning, and the files are written', async () => {
    // Whoever runs the tests may have this repository's own on the path.
    vi.stubEnv('PATH', dirname(process.execPath));
    write(file, content);
    const { status, stdout } = await project.generate();
    expect(status).toBe(0);
    expect(stdout).toContain(`warning: ${id} is not installed, so what is written is not formatted`);
    expect(stdout.match(/warning:/g)).toHaveLength(1);
    expect(project.read(KERNEL)).toMatch(STATEMENT_END);
  });
});

describe('which formatter', () => {
  const detected = (): string | undefined => detectFormatter(project.root)?.binding.id;

  test('none where the project has none', () => {
    expect(detected()).toBeUndefined();
  });

  test.each([
    ['prettier', () => addToPackage({ devDependencies: { prettier: '3' } })],
    ['prettier', () => addToPackage({ prettier: { semi: false } })],
    ['biome', () => addToPackage({ devDependencies: { '@biomejs/biome': '2' } })],
    ['dprint', () => write('.dprint.jsonc', '{}')],
    ['biome', () => (write('biome.jsonc', '{}'), addToPackage({ devDependencies: { prettier: '3' } }))],
    [
      'prettier',
      () => {
        write('biome.json', '{}');
        addToPackage({
          scripts: { lint: 'biome lint .', format: 'prettier --write .' },
          devDependencies: { '@biomejs/biome': '2', prettier: '3' },
        });
      },
    ],
  ])('%s', (id, arrange) => {
    arrange();
    expect(detected()).toBe(id);
  });

  test('that of the repository, for a package in it, and none from above the repository', () => {
    mkdirSync(project.path('apps/api'), { recursive: true });
    write('.oxfmtrc.json', '{}');
    expect(detectFormatter(project.path('apps/api'))).toBeUndefined();
    mkdirSync(project.path('.git'));
    expect(detectFormatter(project.path('apps/api'))).toMatchObject({
      binding: { id: 'oxfmt' },
      folder: project.root,
    });
  });

  test('the configured one, or none', async () => {
    linkDependencies(project);
    write('.prettierrc', { semi: false });
    write('evtgen.config.json', { formatter: null });
    await project.generate();
    expect(project.read(KERNEL)).toMatch(STATEMENT_END);
    write('evtgen.config.json', { formatter: 'prettier' });
    rmSync(project.path('src/events'), { recursive: true });
    await project.generate();
    expect(project.read(KERNEL)).not.toMatch(STATEMENT_END);
  });
});

test('a formatter that moves imports is no reason to write a file again', async () => {
  await generatedButFor(WRITTEN);
  linkDependencies(project);
  write('.oxfmtrc.json', { sortImports: { order: 'desc' } });
  await project.generate();
  const files = project.files();
  expect((await project.generate('check')).status).toBe(0);
  expect((await project.generate()).status).toBe(0);
  expect(project.files()).toEqual(files);
  expect(project.read(MANIFEST)).toContain('": "A src/kernel/');
});

test('a wired handler is formatted where it was formatted before', async () => {
  linkDependencies(project);
  write('.prettierrc', { singleQuote: true, printWidth: 110 });
  const options = { path: 'src/api/orders.ts', text: project.read('src/api/orders.ts') };
  const [formatted = ''] = await createFormatter(project.root, 'prettier').format([options]);
  write('src/api/orders.ts', formatted);
  await project.generate('wire', 'allowDirty');
  const wired = project.read('src/api/orders.ts');
  expect(wired).toContain('events.emit(');
  expect(await createFormatter(project.root, 'prettier').format([{ ...options, text: wired }])).toEqual([
    wired,
  ]);
});

test('Prettier that takes standard input for itself when it is loaded, as its second version does, gets all of it', async () => {
  write('.prettierrc', '{}');
  mkdirSync(project.path('node_modules/prettier'), { recursive: true });
  write(
    'node_modules/prettier/index.js',
    `process.stdin;
exports.version = '2.8.8';
exports.getFileInfo = async () => ({ ignored: false, inferredParser: 'typescript' });
exports.resolveConfig = async () => ({});
exports.format = (text) => text.length + '\\n';
`,
  );
  const formatter = createFormatter(project.root, undefined);
  const text = 'x'.repeat(8_000_000);
  expect(await formatter.format([{ path: 'src/a.ts', text }])).toEqual(['8000000\n']);
  expect(formatter.warnings).toEqual([]);
});

test('a formatter that takes no link for a file finds its settings, and what it is to ignore', async () => {
  write('.oxfmtrc.json', '{}');
  write('.prettierignore', 'x\n');
  const script = `
    const { lstatSync, writeFileSync } = require('node:fs');
    const isThere = ['.oxfmtrc.json', '.prettierignore'].every((name) => lstatSync(name).isFile());
    for (const path of process.argv.slice(1)) writeFileSync(path, isThere ? 'formatted' : 'by the defaults');
  `;
  const command = {
    program: process.execPath,
    configFile: /^\.oxfmtrc\.json$/,
    arguments: (paths: readonly string[]) => ['-e', script, ...paths],
  };
  const files = [{ path: project.path('src/a.ts'), text: 'const a = 1' }];
  expect(await formatCopies(project.root, files, command)).toEqual([{ text: 'formatted' }]);
});

test('of a program that Node ended, the reason is said and not the place in Node', () => {
  const crash =
    'node:fs:448\n    return binding.read();\n          ^\n\nError: EACCES: permission denied\n    at x\n';
  expect(firstLine(crash)).toBe('Error: EACCES: permission denied');
  expect(firstLine('\n  src/a.ts:1:7 ━━━━\nError of mine')).toBe('src/a.ts:1:7');
});
