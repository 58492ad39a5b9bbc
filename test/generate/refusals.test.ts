import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evtgen } from '../helpers/exec.ts';
import { shop, shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
});
afterEach(() => project.remove());

const write = (path: string, text: string): void => writeFileSync(project.path(path), text);
const tsconfig = (compilerOptions: object): void =>
  write('tsconfig.json', JSON.stringify({ compilerOptions }));

test.each<[string, () => void, string]>([
  [
    'a broken catalog',
    () => write('events/catalog.json', '{"catalogVersion":'),
    'events/catalog.json is not valid JSON',
  ],
  [
    'a catalog of the wrong shape',
    () => write('events/catalog.json', '{"catalogVersion":1,"eventTypes":{},"mutations":{"GET /x":{}}}'),
    'events/catalog.json: mutations["GET /x"]',
  ],
  [
    'a schema that is no schema',
    () => write('events/schemas/order.created.v1.json', '{"type":"objekt"}'),
    'events/schemas/order.created.v1.json: /type: expected one or more of string',
  ],
  [
    'a keyword that no validator is written for',
    () => write('events/schemas/order.created.v1.json', '{"type":"object","if":{}}'),
    'events/schemas/order.created.v1.json: /if: ',
  ],
  [
    'a required property that is not declared',
    () => write('events/schemas/order.created.v1.json', '{"type":"object","required":["id"]}'),
    'events/schemas/order.created.v1.json: #/required: "id" is not among properties',
  ],
  [
    'a pattern that nothing fits',
    () => write('events/schemas/order.created.v1.json', '{"type":"string","pattern":"^a(?=b)c$"}'),
    'with the pattern "^a(?=b)c$"',
  ],
  [
    'no catalog',
    () => rmSync(project.path('events'), { recursive: true }),
    'there is no events/catalog.json in ',
  ],
  ['a broken configuration', () => write('evtgen.config.json', '{"broker":"zeromq"}'), 'got "zeromq"'],
  [
    'a folder that has a module of the same name',
    () => {
      mkdirSync(project.path('src/events'));
      write('src/events/setup.ts', 'export const bus = 1;\n');
    },
    'src/events has files of your own in the way: src/events/setup.ts',
  ],
  ['no package.json', () => rmSync(project.path('package.json')), 'no package.json in '],
  [
    'another framework',
    () => write('package.json', '{"dependencies":{"restify":"11"}}'),
    'package.json names no framework',
  ],
  ['no tsconfig', () => rmSync(project.path('tsconfig.json')), 'no tsconfig.json'],
  [
    'CommonJS with verbatimModuleSyntax',
    () => tsconfig({ module: 'commonjs', verbatimModuleSyntax: true }),
    'verbatimModuleSyntax allows no import statements in CommonJS files (TS1287)',
  ],
  ['a file in the place of a folder', () => write('src/events', ''), 'cannot write src/events/'],
])('%s is refused by name, and nothing is written', async (_, damage, message) => {
  damage();
  const before = project.files();
  await expect(project.generate()).rejects.toMatchObject({
    name: 'EvtgenError',
    exitCode: 2,
    message: expect.stringContaining(message),
  });
  expect(project.files()).toEqual(before);
});

test('no link leads out of the project', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'evtgen-outside-'));
  mkdirSync(project.path('tests'));
  symlinkSync(outside, project.path('tests/events'));
  const before = project.files();
  await expect(project.generate()).rejects.toMatchObject({ code: 'unsafe_target', exitCode: 2 });
  expect(project.files()).toEqual(before);
  rmSync(outside, { recursive: true });
});

test('on the command line a refusal is one line, a hint and exit 2', async () => {
  const bare = shop();
  const { stdout, stderr, status } = await evtgen(['generate', bare.root]);
  expect([stdout, status]).toEqual(['', 2]);
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^error: there is no events\/catalog\.json in /),
    `hint: run "evtgen scan ${bare.root} --write" to make one from your routes`,
  ]);
  bare.remove();

  const missing = await evtgen(['generate', project.path('no/such')]);
  expect(missing.status).toBe(2);
  expect(missing.stderr).toBe(`error: ${project.path('no/such')} is no folder\n`);
});
