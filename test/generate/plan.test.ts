import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../src/generate/manifest.ts';
import { plan, type WantedFile } from '../../src/generate/plan.ts';

const MANIFEST = 'src/events/.evtgen/manifest.json';
const wanted: readonly WantedFile[] = [
  { path: 'src/events/kernel/emit.ts', owner: 'A', source: 'kernel/emit.ts', content: 'const a = 1;\n' },
  { path: 'src/events/registry.ts', owner: 'B', source: 'registry', content: 'const b = 1;\n' },
  { path: 'src/events/setup.ts', owner: 'C', source: 'setup', content: 'const c = 1;\n' },
];

interface World {
  files: readonly WantedFile[];
  disk: Map<string, string>;
}

/** Plans, and says what the disk would look like afterwards. */
function run(world: World, force = false) {
  const text = world.disk.get(MANIFEST);
  const changes = plan({
    wanted: world.files,
    manifest: text === undefined ? new Map() : parseManifest(MANIFEST, text),
    manifestPath: MANIFEST,
    disk: world.disk,
    version: '1.0.0',
    force,
  });
  const disk = new Map(world.disk);
  for (const { kind, path, after } of changes) {
    if (kind === 'delete') disk.delete(path);
    else if ((kind === 'create' || kind === 'update') && after !== null) disk.set(path, after);
  }
  const kinds = Object.fromEntries(changes.map(({ path, kind }) => [path, kind]));
  return { changes, kinds, disk };
}

const written = (): Map<string, string> => run({ files: wanted, disk: new Map() }).disk;
const changed = (path: string, content: string): WantedFile[] =>
  wanted.map((file) => (file.path === path ? { ...file, content } : file));
const [emit, registry, setup] = [
  'src/events/kernel/emit.ts',
  'src/events/registry.ts',
  'src/events/setup.ts',
] as const;

test('a first run creates everything, a second changes nothing', () => {
  const first = run({ files: wanted, disk: new Map() });
  expect(Object.values(first.kinds)).toEqual(['create', 'create', 'create', 'create']);
  const second = run({ files: wanted, disk: first.disk });
  expect(Object.values(second.kinds)).toEqual(['keep', 'keep', 'keep', 'keep']);
  expect(second.disk).toEqual(first.disk);
});

test('the manifest is sorted, with one line a file and no dates', () => {
  const text = written().get(MANIFEST) ?? '';
  const lines = text.split('\n').filter((line) => /^ {4}"src/.test(line));
  expect(lines).toHaveLength(3);
  expect(lines).toEqual(lines.toSorted());
  expect(text).not.toMatch(/20\d\d-/);
});

describe('a pristine file', () => {
  test.each([emit, registry])('%s is updated when its source changes', (path) => {
    const { kinds, disk } = run({ files: changed(path, 'const z = 2;\n'), disk: written() });
    expect(kinds[path]).toBe('update');
    expect(disk.get(path)).toBe('const z = 2;\n');
  });

  test.each([emit, registry])('%s that a formatter went over is pristine, and left as it is', (path) => {
    const disk = written().set(path, `const ${path === emit ? 'a' : 'b'}   =   1\r\n`);
    expect(run({ files: wanted, disk }).disk).toEqual(disk);
    expect(run({ files: changed(path, 'const z = 2;\n'), disk }).kinds[path]).toBe('update');
  });

  test('is deleted when no longer wanted', () => {
    const { kinds, disk } = run({ files: wanted.slice(1), disk: written() });
    expect(kinds[emit]).toBe('delete');
    expect(disk.get(MANIFEST)).not.toContain(emit);
  });

  test('comes back when it was removed by hand', () => {
    const disk = written();
    disk.delete(registry);
    expect(run({ files: wanted, disk }).kinds[registry]).toBe('create');
  });
});

describe('an edited file', () => {
  const edit = (path: string) => written().set(path, 'const mine = 1;\n');

  test('of owner A is kept while there is nothing new for the file', () => {
    const { kinds, disk } = run({ files: wanted, disk: edit(emit) }, true);
    expect(kinds[emit]).toBe('keep');
    expect(disk).toEqual(edit(emit));
  });

  test('of owner A is a conflict once the kernel has changed, forced or not', () => {
    const files = changed(emit, 'const a = 2;\n');
    expect(run({ files, disk: edit(emit) }).kinds[emit]).toBe('conflict');
    expect(run({ files, disk: edit(emit) }, true).kinds[emit]).toBe('conflict');
  });

  test('of owner B is a conflict, and overwritten by force', () => {
    expect(run({ files: wanted, disk: edit(registry) }).kinds[registry]).toBe('conflict');
    expect(run({ files: wanted, disk: edit(registry) }, true).disk.get(registry)).toBe('const b = 1;\n');
  });

  test('of owner C is kept without a word, also when its template changed', () => {
    const { kinds, disk } = run({ files: changed(setup, 'const c = 2;\n'), disk: edit(setup) }, true);
    expect(kinds[setup]).toBe('keep');
    expect(disk.get(setup)).toBe('const mine = 1;\n');
  });

  test('stays edited in the next run: the manifest still knows what was written', () => {
    const after = run({ files: wanted, disk: edit(emit) }).disk;
    const files = changed(emit, 'const a = 2;\n');
    expect(run({ files, disk: after }).kinds[emit]).toBe('conflict');
  });

  test('that is no longer wanted is kept and named', () => {
    const { changes } = run({ files: wanted.slice(1), disk: edit(emit) });
    expect(changes.find(({ path }) => path === emit)).toMatchObject({
      kind: 'keep',
      reason: 'no longer needed, but edited by hand',
    });
  });
});

test('a file of owner C that the user removed does not come back', () => {
  const disk = written();
  disk.delete(setup);
  const { kinds, disk: after } = run({ files: wanted, disk });
  expect(kinds[setup]).toBe('keep');
  expect(after.has(setup)).toBe(false);
});

test('a file that evtgen did not write is never overwritten', () => {
  const disk = new Map([[registry, 'const theirs = 1;\n']]);
  expect(run({ files: wanted, disk }, true).kinds[registry]).toBe('conflict');
  expect(run({ files: wanted, disk }, true).disk.get(MANIFEST)).not.toContain(registry);
});

test('a damaged manifest stops everything', () => {
  expect(() => run({ files: wanted, disk: new Map([[MANIFEST, '{']]) })).toThrow(
    `${MANIFEST} is not valid JSON`,
  );
  const wrong = JSON.stringify({ manifestVersion: 2, files: {} });
  expect(() => run({ files: wanted, disk: new Map([[MANIFEST, wrong]]) })).toThrow(
    'manifestVersion: expected 1, got 2',
  );
});
