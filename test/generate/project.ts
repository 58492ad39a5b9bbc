import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadCatalogIfPresent, EMPTY_CATALOG } from '../../src/catalog/load.ts';
import { mergeCatalog } from '../../src/catalog/merge.ts';
import { changedFiles, writeContract } from '../../src/catalog/write.ts';
import { runGenerate } from '../../src/generate/run.ts';
import { scanProject } from '../../src/scan/scan.ts';
import type { Terminal } from '../../src/ui/terminal.ts';
import { repositoryRoot } from '../helpers/exec.ts';

export interface Result {
  readonly status: number;
  readonly stdout: string;
}

/** A copy of the sample shop with a catalog, to generate into. */
export interface TestProject {
  readonly root: string;
  path(relative: string): string;
  read(relative: string): string;
  /** Every file but dependencies, by path. */
  files(): Map<string, string>;
  /** Runs `evtgen generate` in this process; rejects where the command line would print an error. */
  generate(...flags: Flag[]): Promise<Result>;
  /** What `evtgen scan --write` does. */
  scan(): void;
  remove(): void;
}

export type Flag =
  | ('isDry' | 'check' | 'diff' | 'json' | 'force')
  | ('wire' | 'wireAll' | 'unwire' | 'yes' | 'allowDirty');

let contract: ReadonlyMap<string, string> | undefined;

export function shopWithCatalog(): TestProject {
  const project = shop();
  if (contract === undefined) {
    project.scan();
    contract = new Map([...project.files()].filter(([path]) => path.startsWith('events/')));
  }
  for (const [path, text] of contract) {
    mkdirSync(dirname(project.path(path)), { recursive: true });
    writeFileSync(project.path(path), text);
  }
  return project;
}

/** @param fixture below `fixtures`. */
export function shop(fixture = 'express-orders'): TestProject {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-shop-'));
  cpSync(join(repositoryRoot, 'fixtures', fixture), root, {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  });
  return projectAt(root);
}

/** Any folder with a package.json, to generate into. */
export function projectAt(root: string): TestProject {
  const path = (relative: string): string => join(root, relative);
  return {
    root,
    path,
    read: (relative) => readFileSync(path(relative), 'utf8'),
    files() {
      const names = readdirSync(root, { recursive: true, withFileTypes: true });
      const files = names
        .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
        .map((entry) => join(entry.parentPath, entry.name));
      return new Map(files.sort().map((file) => [file.slice(root.length + 1), readFileSync(file, 'utf8')]));
    },
    async generate(...flags) {
      const lines: string[] = [];
      const has = (flag: Flag): boolean => flags.includes(flag);
      const options = {
        dir: '.',
        isDry: has('isDry') || has('check') || has('diff'),
        check: has('check'),
        diff: has('diff'),
        json: has('json'),
        force: has('force'),
        wire: has('wire') || has('wireAll'),
        wireAll: has('wireAll'),
        unwire: has('unwire'),
        yes: has('yes'),
        allowDirty: has('allowDirty'),
      };
      const terminal = terminalInto(lines, root);
      // Notes are for stderr, which no program reads.
      const status = await runGenerate(options, has('json') ? { ...terminal, note: () => {} } : terminal);
      return { status, stdout: lines.join('\n') };
    },
    scan() {
      const catalog = loadCatalogIfPresent(root)?.catalog ?? EMPTY_CATALOG;
      const merge = mergeCatalog(catalog, scanProject(root));
      writeContract(root, changedFiles(root, merge.catalog, merge.newSchemas));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A terminal that nobody sits at, whose results and notes go into `lines`. */
export function terminalInto(lines: string[], cwd = ''): Terminal {
  const print = (line: string): void => void lines.push(line);
  return { cwd, env: {}, isInteractive: false, columns: 80, result: print, note: print, progress: () => {} };
}

/** A copy of the sample shop with a catalog and the dependencies of this repository, in one of `fixtures/tsconfigs`. */
export function shopUnder(tsconfig: string): TestProject {
  const project = shopWithCatalog();
  const fixture = join(repositoryRoot, 'fixtures/tsconfigs', tsconfig);
  const { type } = JSON.parse(readFileSync(join(fixture, 'package.json'), 'utf8')) as { type: string };
  const manifest = JSON.parse(project.read('package.json')) as object;
  cpSync(fixture, project.root, { recursive: true });
  writeFileSync(project.path('package.json'), JSON.stringify({ ...manifest, type }));
  linkDependencies(project);
  return project;
}

/** Gives an event type another version, its newest, whose schema `change` makes of the one before. */
export function addVersion(
  project: TestProject,
  eventType: string,
  change: (properties: Record<string, unknown>) => Record<string, unknown>,
  settings: Record<string, unknown> = {},
): void {
  const catalog = JSON.parse(project.read('events/catalog.json')) as {
    eventTypes: Record<string, { version: number }>;
  };
  const version = catalog.eventTypes[eventType]?.version ?? 0;
  const file = (number: number): string => `events/schemas/${eventType}.v${number}.json`;
  const schema = JSON.parse(project.read(file(version))) as { properties: Record<string, unknown> };
  const properties = change(schema.properties);
  const next = { ...schema, properties, required: Object.keys(properties) };
  writeFileSync(project.path(file(version + 1)), JSON.stringify(next));
  const entry = { ...catalog.eventTypes[eventType], ...settings, version: version + 1 };
  const eventTypes = { ...catalog.eventTypes, [eventType]: entry };
  writeFileSync(project.path('events/catalog.json'), JSON.stringify({ ...catalog, eventTypes }));
}

/** Lets the project find the dependencies of this repository. */
export function linkDependencies(project: TestProject): void {
  symlinkSync(join(repositoryRoot, 'node_modules'), project.path('node_modules'));
}

/** Runs the tests that were written into a project. */
export function runTests(
  project: TestProject,
  ...args: string[]
): Promise<{ status: number; output: string }> {
  const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
  const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [vitest, 'run', '--testTimeout', '30000', ...args],
      { cwd: project.root, env },
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
