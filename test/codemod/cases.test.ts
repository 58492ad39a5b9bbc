import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planWiring, type Wiring, type WiringInput, type WiringPlan } from '../../src/codemod/wire.ts';
import type { Change } from '../../src/generate/change.ts';
import { stores as storeBindings } from '../../src/stores/index.ts';
import { readEntities } from '../../src/scan/entities.ts';
import { openProject } from '../../src/scan/project.ts';
import { openProgram } from '../../src/codemod/program.ts';
import { ormsOf } from '../../src/codemod/orms/index.ts';
import type { Mutation } from '../../src/scan/report.ts';

interface Case {
  /** Event type by mutation; null for one without an event. */
  mutations: Record<string, string | null>;
  /** Where the handler begins: a piece of its first line. Null where the scan found none. */
  handler: string | null;
  handlers: Record<string, string>;
  /** Of the event's schema. */
  properties: string[];
  required: string[];
  nullable: string[];
  subject?: string;
  ending: '.js' | '.ts' | '';
  store: string;
  isAll: boolean;
  isInjected: boolean;
}

const folder = import.meta.dirname;
const root = mkdtempSync(join(tmpdir(), 'evtgen-codemod-'));
const names = readdirSync(folder).filter((name) =>
  ['ts', 'js'].some((ending) => existsSync(join(folder, name, `input.${ending}`))),
);
/** Cases with compiler settings of their own; the others share one program, which is what takes the time. */
const apart = names.filter((name) => existsSync(join(folder, name, 'tsconfig.json')));

beforeAll(() => {
  const isInput = (path: string): boolean => !basename(path).startsWith('output');
  for (const name of names) cpSync(join(folder, name), join(root, name), { recursive: true, filter: isInput });
  cpSync(join(folder, 'packages'), join(root, 'node_modules'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

describe.each([
  { title: 'each', cases: names.filter((name) => !apart.includes(name)), base: '' },
  ...apart.map((name) => ({ title: name, cases: [name], base: name })),
])('wiring $title', ({ cases, base }) => {
  let first: Map<string, WiringPlan>;
  let second: Map<string, WiringPlan>;

  beforeAll(() => {
    first = plan(cases, base);
    for (const { path, after } of changesOf(first)) writeFileSync(join(root, base, path), after ?? '');
    second = plan(cases, base);
  }, 180_000);

  it.each(cases)('%s', async (name) => {
    const { wirings, changes } = first.get(name) ?? { wirings: [], changes: [] };

    await expect(report(wirings)).toMatchFileSnapshot(join(folder, name, 'output.txt'));
    for (const { path, before, after } of changes) {
      await expect(after).toMatchFileSnapshot(
        join(folder, name, basename(path).replace('input', 'output')),
      );
      const isAddition = wirings.every(
        ({ outcome, reason }) => outcome === 'joined' && !reason.endsWith('for this write'),
      );
      expect(isAddition ? withoutAdded(before ?? '', after ?? '') : before).toBe(before);
    }
  });

  it('changes nothing when run again', () => {
    expect(changesOf(second)).toEqual([]);
    expect(outcomesOf(second)).toEqual(
      outcomesOf(first).map((outcome) => outcome.replace(/^(?:joined|wrapped|not_atomic(?= \S+-all ))/, 'already')),
    );
  });
});

it('has an expected file for each that is changed, and no other', () => {
  const isWired = (name: string): boolean =>
    new RegExp(`^(?:joined|wrapped${name.endsWith('-all') ? '|not_atomic' : ''})`, 'm').test(
      readFileSync(join(folder, name, 'output.txt'), 'utf8'),
    );
  const hasOutput = (name: string): boolean =>
    readdirSync(join(folder, name)).some((file) => /^output.*\.[jt]s$/.test(file));

  expect(names.filter(hasOutput)).toEqual(names.filter(isWired));
});

it('makes of TypeScript what the compiler takes, with the handle that emit takes', () => {
  const checked = names.filter(
    (name) => readCase(join(folder, name)).store !== 'pg' && existsSync(join(root, name, 'input.ts')),
  );
  for (const name of checked) writeEmitter(join(root, name, 'events'), readCase(join(folder, name)).store);
  const program = ts.createProgram(
    checked.map((name) => join(root, name, 'input.ts')),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      allowImportingTsExtensions: true,
      experimentalDecorators: true,
      lib: ['lib.es2023.d.ts'],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    },
  );
  const inCases = program.getSourceFiles().filter(({ fileName }) => fileName.endsWith('/input.ts'));

  expect(inCases.flatMap((file) => program.getSemanticDiagnostics(file)).map(messageOf)).toEqual([]);
  expect(inCases).toHaveLength(checked.length);
}, 180_000);

/** What `setup` and the module of NestJS export, as far as types go. */
function writeEmitter(output: string, store: string): void {
  const sources = join(import.meta.dirname, '../../src');
  const { file, type } = storeBindings.find(({ id }) => id === store)?.transactions ?? {};
  const emitter = `\
import type { Emitter } from '${sources}/kernel/emit.ts';
import type { ${type} as Tx } from '${sources}/${file}';
`;
  const settled = `Emitter<Record<string, object>, Tx>`;
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, 'setup.ts'), `${emitter}export declare const events: ${settled};\n`);
  writeFileSync(
    join(output, 'events.module.ts'),
    `${emitter}export interface Events extends ${settled} {}\nexport abstract class Events {}\n`,
  );
}

function messageOf({ file, messageText, start }: ts.Diagnostic): string {
  const { line } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? { line: 0 };
  return `${file?.fileName.slice(root.length + 1)}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}

function plan(cases: readonly string[], base: string): Map<string, WiringPlan> {
  const project = openProject(join(root, base));
  const view = project.typed();
  // The tables of one case are not those of another.
  const tables = base === '' ? {} : { entities: readEntities(project) };
  return new Map(
    cases.map((name) => {
      const settings = readCase(join(root, name));
      const folder = base === '' ? `${name}/` : '';
      // What other cases have is not the project's.
      const files = project.files.filter((file) => project.relativePath(file).startsWith(folder));
      const program = openProgram({ ...project, files }, 'events', ormsOf(settings.store), { view, ...tables });
      const events = Object.entries(settings.mutations);
      const types = events.flatMap(([, event]) => event ?? []);
      const input: WiringInput = {
        project,
        mutations: events.map(([key]) => mutation(name, folder, key, settings)),
        catalog: {
          catalogVersion: 1,
          eventTypes: Object.fromEntries(
            types.map((type) => [type, { version: 1, audience: 'public', subject: settings.subject }]),
          ),
          mutations: Object.fromEntries(
            events.map(([key, event]) => [key, event === null ? { ignore: 'inbound_webhook' } : { event }]),
          ),
        },
        schemaOf: () => ({
          type: 'object',
          properties: Object.fromEntries(
            settings.properties.map((property) => [
              property,
              settings.nullable.includes(property) ? { type: ['string', 'null'] } : {},
            ]),
          ),
          required: settings.required,
        }),
        output: `${folder}events`,
        specifierEnding: settings.ending,
        store: settings.store,
        isAll: settings.isAll,
        isInjected: settings.isInjected,
        isUnwiring: false,
        beside: [],
      };
      return [name, planWiring(input, program)] as const;
    }),
  );
}

function mutation(name: string, folder: string, key: string, settings: Case): Mutation {
  const [method = '', path = ''] = key.split(' ');
  const file = existsSync(join(root, name, 'input.js')) ? 'input.js' : 'input.ts';
  const wanted = settings.handlers[key] ?? settings.handler;
  const lines = readFileSync(join(root, name, file), 'utf8').split('\n');
  const line = wanted === null ? 1 : lines.findIndex((text) => text.includes(wanted)) + 1;
  return {
    method: method as Mutation['method'],
    path,
    framework: 'express',
    file: folder + file,
    line,
    ...(wanted === null ? {} : { handler: { name: null, file: folder + file, line } }),
    partial: false,
    kind: 'mutation',
    eventType: null,
    confidence: 'high',
    payload: null,
    payloadSource: 'none',
    sensitive: [],
  };
}

function changesOf(plans: ReadonlyMap<string, WiringPlan>): Change[] {
  return [...plans.values()].flatMap(({ changes }) => changes);
}

function outcomesOf(plans: ReadonlyMap<string, WiringPlan>): string[] {
  return [...plans].flatMap(([name, { wirings }]) =>
    wirings.map(({ outcome, mutation }) => `${outcome} ${name} ${mutation}`),
  );
}

function readCase(root: string): Case {
  const file = join(root, 'case.json');
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Case>) : {};
  return {
    mutations: { 'POST /orders': 'order.created' },
    handler: '(req',
    handlers: {},
    properties: [given.subject ?? 'id'],
    required: [],
    nullable: [],
    ending: '.js',
    store: 'pg',
    isAll: false,
    isInjected: false,
    ...given,
  };
}

function report(wirings: readonly Wiring[]): string {
  return wirings
    .map(
      ({ outcome, mutation, eventType, file, line, reason, snippet }) =>
        `${outcome} ${mutation} ${eventType} at ${basename(file)}:${line}: ${reason.replaceAll(/[\w-]+\/(?=input)/g, '')}\n` +
        snippet.replace(/^/gm, '    '),
    )
    .join('\n')
    .concat('\n');
}

/** `after` without what is not in `before`, taken greedily: equal to `before` exactly if text was only added. */
function withoutAdded(before: string, after: string): string {
  let kept = 0;
  for (const character of after) {
    if (character === before[kept]) kept += 1;
  }
  return before.slice(0, kept);
}
