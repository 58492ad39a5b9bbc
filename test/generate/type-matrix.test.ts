import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelFiles } from '../../src/generate/emission.ts';
import { readProject } from '../../src/generate/project.ts';
import { receivers } from '../../src/receivers/index.ts';
import { inTurn } from '../helpers/turns.ts';
import { compile, VERSIONS, type Version } from './compile.ts';
import { addVersion, linkDependencies, shopUnder, shopWithCatalog, type TestProject } from './project.ts';

/** What only later compilers know is a tsconfig of its own. */
const ADDITIONS: Readonly<Record<string, readonly Version[]>> = {
  'tsconfig.erasable.json': ['5.9', '6.0', '7.0'],
};

describe.each([
  ['strictest', 'undici'],
  ['loose', 'undici'],
  ['cjs', 'undici'],
  ['bundler', 'node-http'],
  ['no-node-types', 'node-http'],
])('under the tsconfig %s, with the transport %s', (name, transport) => {
  let project: TestProject;
  let generated: readonly string[];

  beforeAll(async () => {
    project = shopUnder(name);
    writeFileSync(
      project.path('evtgen.config.json'),
      JSON.stringify({ transport, browserClient: 'src/lib/event-stream.ts' }),
    );
    addVersion(project, 'order.created', (properties) => ({ ...properties, channel: { type: 'string' } }), {
      deprecated: { 1: { since: '2026-01-01', sunset: '2026-07-01' } },
      publishVersions: [1],
    });
    const { status, stdout } = await project.generate('json');
    if (status !== 0) throw new Error(stdout);
    const { changes } = JSON.parse(stdout) as { changes: { path: string }[] };
    generated = [
      ...changes.map(({ path }) => path).filter((path) => path.endsWith('.ts')),
      ...emitReceivers(project),
    ];
  });
  afterAll(() => project.remove());

  const configs = name === 'strictest' ? ['tsconfig.json', ...Object.keys(ADDITIONS)] : ['tsconfig.json'];
  const runs = inTurn(
    `compilers under ${name}`,
    configs.flatMap((config) => (ADDITIONS[config] ?? VERSIONS).map((version) => [version, config] as const)),
    name === 'strictest' ? 2 : 1,
  );

  test.each(runs)('TypeScript %s finds nothing (%s)', async (version, config) => {
    expect(generated.length).toBeGreaterThan(80);
    expect(generated).toContain('src/events/casters.ts');
    expect(generated).toContain('src/events/receivers/nest.ts');
    const output = await compile(project, version, config, generated);
    // The shop itself is no strict project; only what evtgen wrote is judged.
    const own = output.split('\n').filter((line) => generated.some((path) => line.startsWith(`${path}(`)));
    expect(own).toEqual([]);
    // A compiler that gives up on its settings looks at no file.
    expect(output).not.toMatch(/^error TS/m);
  });
});

test('an error in a generated file would be seen', async () => {
  const project = shopWithCatalog();
  linkDependencies(project);
  await project.generate();
  const path = 'src/events/registry.ts';
  writeFileSync(project.path(path), `${project.read(path)}export const wrong: number = 'text';\n`);
  expect(await compile(project, '6.0', 'tsconfig.json', [path])).toContain(`${path}(`);
  project.remove();
});

test('a caster that is missing is an error that names the types of both versions', async () => {
  const project = shopWithCatalog();
  addVersion(project, 'order.created', (properties) => ({ ...properties, channel: { type: 'string' } }));
  addVersion(project, 'order.created', ({ id }) => ({ id, items: { type: 'integer' } }));
  linkDependencies(project);
  await project.generate();
  const path = 'src/events/casters.ts';
  const casters = project.read(path);
  const output = await compile(project, '6.0', 'tsconfig.json', [path]);
  expect(output).toMatch(/^src\/events\/casters\.ts\(.*'OrderCreatedV3'.*'OrderCreatedV2'/m);
  expect(output).not.toContain("'OrderCreatedV1'");

  const incomplete = casters.replace('v3ToV2: (data) => data', 'v3ToV2: () => ({}) as never');
  writeFileSync(project.path(path), incomplete.replace(/ +v2ToV1: .*\n/, ''));
  expect(await compile(project, '6.0', 'tsconfig.json', [path])).toContain("Property 'v2ToV1' is missing");
  project.remove();
});

/** Those of all frameworks, of which a project has one. */
function emitReceivers(project: TestProject): string[] {
  const { dialect } = readProject(project.root, {}, 'src/events', (path) => path.startsWith('src/events/'));
  const entries = receivers.map(({ file }) => file);
  const files = kernelFiles(entries, 'src/events', dialect, '0.0.0').filter(({ path }) =>
    path.includes('/receivers/'),
  );
  mkdirSync(project.path('src/events/receivers'));
  for (const { path, content } of files) writeFileSync(project.path(path), content);
  return files.map(({ path }) => path);
}
