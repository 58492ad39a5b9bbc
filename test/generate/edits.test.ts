import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createTarGzip } from 'nanotar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withoutHeader } from '../../src/generate/header.ts';
import { packageFile } from '../../src/generate/kernel-files.ts';
import { commitAll, edit, git, makeOlder, MANIFEST, OLD } from './older.ts';
import { linkDependencies, shopWithCatalog, type TestProject } from './project.ts';

const RETRY = 'src/events/kernel/retry.ts';
const BASE = `src/events/.evtgen/base/${RETRY}.txt`;
// One place where the user edits, and one, far from it, where the older evtgen had something else.
const THEIRS = 'export const RETRY_SCHEDULE_SECONDS';
const MINE = '60, 300';

let project: TestProject;
beforeEach(async () => {
  project = shopWithCatalog();
  await project.generate();
  // No test asks the registry that this machine happens to use.
  writeFileSync(project.path('.npmrc'), 'registry=http://127.0.0.1:9/\n');
});
afterEach(() => project.remove());

interface Report {
  readonly changes: readonly { path: string; kind: string; reason?: string; conflicts?: number }[];
}
async function regenerate(): Promise<{ status: number; change: Report['changes'][number] | undefined }> {
  const { status, stdout } = await project.generate('json');
  const { changes } = JSON.parse(stdout) as Report;
  return { status, change: changes.find(({ path }) => path === RETRY) };
}
const makeRetryOlder = (): string =>
  makeOlder(project, RETRY, THEIRS, `/** Of old. */\nconst OLD = 1;\n\n${THEIRS}`);
const editRetry = (): void => edit(project, RETRY, /$/, '\n// ours\nexport const OURS = 2;\n');

/** What must hold after every clean merge: the edit and the new module, together, for good. */
async function expectMerged(): Promise<void> {
  const text = project.read(RETRY);
  expect(text).toContain('export const OURS = 2;');
  expect(text).not.toContain('const OLD = 1;');
  expect(text).not.toContain(OLD);
  const files = project.files();
  expect((await project.generate('check')).status).toBe(0);
  expect((await project.generate()).status).toBe(0);
  expect(project.files()).toEqual(files);
}

describe('an edited kernel file with a new version', () => {
  test('is merged on the base that git has, after the edit was committed and old objects were collected', async () => {
    makeRetryOlder();
    commitAll(project);
    editRetry();
    git(project, 'commit', '--quiet', '--all', '--message', 'ours');
    git(project, 'gc', '--quiet', '--prune=now');
    const { status, change } = await regenerate();
    expect(status).toBe(0);
    expect(change).toEqual({
      path: RETRY,
      owner: 'A',
      kind: 'merge',
      conflicts: 0,
      reason: 'edited by hand, and changed in evtgen; your edits are kept',
    });
    await expectMerged();
  });

  test('is marked in the file where both changed the same lines, once, and refused until somebody decided', async () => {
    makeOlder(project, RETRY, MINE, '61, 301');
    commitAll(project);
    edit(project, RETRY, '61, 301', '30, 300');
    const { status, change } = await regenerate();
    expect(status).toBe(1);
    expect(change).toMatchObject({
      kind: 'merge',
      conflicts: 1,
      reason: expect.stringMatching(
        /^edited by hand, and changed in evtgen in the same place: 1 conflict is marked in line \d+$/,
      ),
    });
    const marked = project.read(RETRY);
    expect(marked).toMatch(/^<<<<<<< your edit\n.*30, 300.*\n=======\n.*60, 300.*\n>>>>>>> evtgen \d.*$/m);

    const again = await regenerate();
    expect(again.status).toBe(1);
    expect(again.change).toMatchObject({
      kind: 'conflict',
      reason: expect.stringContaining('conflict markers from line'),
    });
    expect(project.read(RETRY)).toBe(marked);
    expect((await project.generate('force')).status).toBe(1);
    expect(project.read(RETRY)).toBe(marked);

    writeFileSync(project.path(RETRY), marked.replace(/^<<<<<<< .*\n(.*\n)=======\n.*\n>>>>>>> .*\n/m, '$1'));
    expect((await project.generate('check')).status).toBe(0);
  });

  test.each<[string, () => void]>([
    [
      'in a shallow clone',
      () => {
        commitAll(project);
        editRetry();
        git(project, 'commit', '--quiet', '--all', '--message', 'ours');
        const clone = project.path('node_modules/clone');
        git(project, 'clone', '--quiet', '--depth=1', '--no-checkout', `file://${project.root}`, clone);
        rmSync(project.path('.git'), { recursive: true });
        renameSync(join(clone, '.git'), project.path('.git'));
        git(project, 'reset', '--quiet');
        expect(git(project, 'status', '--porcelain')).toBe('');
      },
    ],
    [
      'where the edit was committed with the file',
      () => {
        editRetry();
        commitAll(project);
      },
    ],
    ['where nothing was committed', () => (editRetry(), void git(project, 'init', '--quiet'))],
    ['where there is no git', editRetry],
  ])('has every difference marked %s, without a registry', async (_, arrange) => {
    makeRetryOlder();
    arrange();
    const { status, change } = await regenerate();
    expect(status).toBe(1);
    const reason = expect.stringContaining(`its text of evtgen ${OLD} was not found`);
    expect(change).toMatchObject({ kind: 'merge', reason });
    expect(project.read(RETRY)).toContain('export const OURS = 2;');
    expect(project.read(RETRY)).toContain('const OLD = 1;');
  });

  test('is merged a second time on the base that the first merge kept, in no commit and without git', async () => {
    const old = makeRetryOlder();
    commitAll(project);
    editRetry();
    await regenerate();
    rmSync(project.path('.git'), { recursive: true });
    expect(withoutHeader(project.read(BASE))).toBe(
      packageFile('src/kernel/retry.ts').replaceAll(".ts'", ".js'"),
    );

    // The version that was merged becomes the older one.
    const merged = project.read(RETRY);
    writeFileSync(project.path(RETRY), project.read(BASE));
    const base = makeRetryOlder();
    expect(base).toBe(old);
    writeFileSync(project.path(BASE), base);
    writeFileSync(project.path(RETRY), merged.replace(THEIRS, `/** Of old. */\nconst OLD = 1;\n\n${THEIRS}`));
    expect((await regenerate()).change).toMatchObject({ kind: 'merge', conflicts: 0 });
    await expectMerged();

    // Taken back, the edit leaves nothing behind.
    writeFileSync(project.path(RETRY), project.read(BASE));
    expect((await project.generate()).status).toBe(0);
    expect([...project.files().keys()]).not.toContain(BASE);
    expect((await project.generate('check')).status).toBe(0);
  });

  test('keeps its Windows line ends, and so does a pristine one', async () => {
    const [pristine, windows] = [
      'src/events/kernel/sign.ts',
      (text: string) => text.replaceAll('\n', '\r\n'),
    ];
    makeOlder(project, pristine, 'export', '// of old\nexport');
    makeRetryOlder();
    commitAll(project);
    editRetry();
    for (const path of [RETRY, pristine]) writeFileSync(project.path(path), windows(project.read(path)));
    expect((await regenerate()).change).toMatchObject({ kind: 'merge', conflicts: 0 });
    for (const path of [RETRY, pristine]) expect(project.read(path)).not.toMatch(/[^\r]\n/);
    expect(project.read(pristine)).not.toContain('// of old');
    await expectMerged();
  });

  test.each([
    ['evtgen’s own layout', false],
    ['the layout that a commit hook gave it', true],
  ])('is merged in the layout of the project’s formatter, on a base in %s', async (_, isHooked) => {
    writeFileSync(
      project.path('.prettierrc'),
      JSON.stringify({ semi: false, useTabs: true, printWidth: 60 }),
    );
    linkDependencies(project);
    makeRetryOlder();
    const raw = project.read(RETRY);
    if (!isHooked) commitAll(project);
    const { createFormatter } = await import('../../src/generate/format.ts');
    const [formatted = ''] = await createFormatter(project.root, 'prettier').format([
      { path: RETRY, text: raw },
    ]);
    expect(formatted.split('\n').filter((line) => raw.split('\n').includes(line)).length).toBeLessThan(
      raw.split('\n').length / 2,
    );
    writeFileSync(project.path(RETRY), formatted);
    if (isHooked) commitAll(project);
    editRetry();
    expect((await regenerate()).change).toMatchObject({ kind: 'merge', conflicts: 0 });
    const text = project.read(RETRY);
    expect(text).toContain('export const OURS = 2\n');
    expect(text).not.toContain('const OLD = 1');
    expect(text).not.toMatch(/;$/m);
    expect((await project.generate('check')).stdout).toMatch(
      /^keep .*retry\.ts {2}\(edited by hand\)\neverything is up to date/,
    );
  });

  test('is left alone where the formatter that gave it its layout is not installed', async () => {
    writeFileSync(project.path('.prettierrc'), '{}');
    makeRetryOlder();
    commitAll(project);
    editRetry();
    const before = project.read(RETRY);
    const { stdout, status } = await project.generate();
    expect(status).toBe(1);
    expect(stdout).toContain('warning: prettier is not installed');
    expect(stdout).toContain('prettier is needed to merge them, and is not installed');
    expect(project.read(RETRY)).toBe(before);
  });
});

test.each([
  ['where a registry has it', ''],
  [
    'also where ESLint asked for another comment then',
    '/* eslint "max-lines": [1, 3] -- for the next line */\n',
  ],
])('the base comes from the package of the version that wrote it, %s', async (_, comment) => {
  edit(project, RETRY, /(?=^\/\* eslint-disable)/m, comment);
  const old = makeRetryOlder();
  const source = withoutHeader(old).replaceAll(".js'", ".ts'");
  const archive = await createTarGzip([{ name: 'package/src/kernel/retry.ts', data: source }]);
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) return void response.end(archive);
    const { port } = server.address() as AddressInfo;
    const dist = { tarball: `http://127.0.0.1:${port}/evtgen.tgz`, integrity };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name: 'evtgen',
        'dist-tags': { latest: OLD },
        versions: { [OLD]: { name: 'evtgen', version: OLD, dist } },
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      project.path('.npmrc'),
      `registry=http://127.0.0.1:${port}/\ncache=${project.path('node_modules/.npm')}\n`,
    );
    editRetry();
    expect((await regenerate()).change).toMatchObject({ kind: 'merge', conflicts: 0 });
    await expectMerged();
  } finally {
    server.close();
  }
});

test('a run that was killed before it wrote the manifest leaves pristine files pristine', async () => {
  const current = project.read(RETRY);
  makeRetryOlder();
  // The file of the killed run is in place, the manifest is the one before.
  writeFileSync(project.path(RETRY), current);
  expect((await project.generate()).status).toBe(0);
  expect(project.read(MANIFEST)).not.toContain(OLD);
});

test('files that a newer evtgen wrote are refused', async () => {
  writeFileSync(
    project.path(MANIFEST),
    project.read(MANIFEST).replaceAll(/ \d+\.\d+\.\d+ (?=[0-9a-f]{40} )/g, ' 99.0.0 '),
  );
  await expect(project.generate()).rejects.toMatchObject({ code: 'older_evtgen', exitCode: 2 });
});
