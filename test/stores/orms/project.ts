import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectAt, type TestProject } from '../../generate/project.ts';
import { repositoryRoot } from '../../helpers/exec.ts';
import { ormFolder } from './installed.ts';

const CATALOG = {
  catalogVersion: 1,
  eventTypes: { 'order.shipped': { version: 1, audience: 'public' } },
  mutations: {},
};
const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { id: { type: 'integer' } },
  required: ['id'],
};

/** The least that can be generated into: packages, the settings of a tsconfig of the matrix, one event type. */
export function writeProject(root: string, packages: readonly string[], tsconfig: string): TestProject {
  const project = projectAt(root);
  const fixture = join(repositoryRoot, 'fixtures/tsconfigs', tsconfig);
  const { type } = JSON.parse(readFileSync(join(fixture, 'package.json'), 'utf8')) as { type: string };
  const dependencies = Object.fromEntries(['express', 'zod', ...packages].map((name) => [name, '*']));
  const manifest = { name: 'orders-api', type, dependencies, devDependencies: { vitest: '*' } };
  write(project, 'package.json', JSON.stringify(manifest));
  cpSync(join(fixture, 'tsconfig.json'), project.path('tsconfig.json'));
  write(project, 'evtgen.config.json', JSON.stringify({ output: 'src/events', inbox: true }));
  write(project, 'events/catalog.json', JSON.stringify(CATALOG));
  write(project, 'events/schemas/order.shipped.v1.json', JSON.stringify(SCHEMA));
  return project;
}

/** Such a project with files of its own, in a folder of its own, generated into. */
export async function openProject(
  packages: readonly string[],
  tsconfig: string,
  files: Readonly<Record<string, string>>,
  prepare?: (project: TestProject) => Promise<void>,
): Promise<TestProject> {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-migrations-'));
  const project = writeProject(root, packages, tsconfig);
  linkModules(root);
  for (const [path, text] of Object.entries(files)) write(project, path, text);
  await prepare?.(project);
  await project.generate();
  return project;
}

export function write(project: TestProject, path: string, text: string): void {
  mkdirSync(dirname(project.path(path)), { recursive: true });
  writeFileSync(project.path(path), text);
}

/** Those of this repository, and beside them the ORMs. */
export function linkModules(root: string): void {
  const target = join(root, 'node_modules');
  mkdirSync(target);
  for (const folder of [join(ormFolder, 'node_modules'), join(repositoryRoot, 'node_modules')]) {
    for (const name of readdirSync(folder)) {
      const isScope = name.startsWith('@');
      const inner = isScope ? readdirSync(join(folder, name)).map((each) => `${name}/${each}`) : [name];
      if (isScope) mkdirSync(join(target, name), { recursive: true });
      for (const each of inner) {
        if (!existsSync(join(target, each))) symlinkSync(join(folder, each), join(target, each));
      }
    }
  }
}
