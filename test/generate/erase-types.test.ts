import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { javaScriptOf } from '../../src/generate/javascript.ts';
import { isKernelFile } from '../../src/generate/kernel-files.ts';
import { ts } from '../../src/scan/project.ts';
import { repositoryRoot } from '../helpers/exec.ts';

const header = '// evtgen 0.1.0, A: Kernel.\n/* eslint-disable */\n\n';
const code = `${header}import { once } from 'node:events';
import type { Clock } from './clock.ts';
import { createTimer, type Timer as OwnTimer } from './timer.ts';

/** What is measured. */
export interface Measured {
  readonly count: number;
}

type Counts = Map<string, number>;

/** Counts names. */
export class Counter<Name extends string> implements Countable {
  private readonly counts: Counts = new Map<string, number>();

  // Since the start.
  protected total?: number;

  get(name: Name): number;
  get(name: string): number {
    return (this.counts.get(name) as number)!;
  }
}

/** Waits. */
export async function wait(this: void, clock: Clock, timer?: OwnTimer): Promise<Measured | undefined> {
  const [count = 0] = (await once(createTimer(timer), 'tick')) as number[];
  const result = (clock.read() as unknown as { value: number }).value; // in seconds
  return { count: count + result } satisfies Measured;
}

export const waiting: readonly string[] = [];
export type { Clock };
export { createTimer as startTimer } from './timer.ts';
`;

test('an ES module is what it was, without types', () => {
  expect(javaScriptOf(code, 'esm')).toBe(`${header}import { once } from 'node:events';
import { createTimer } from './timer.ts';

/** Counts names. */
export class Counter {
  counts = new Map();

  // Since the start.
  total;

  get(name) {
    return this.counts.get(name);
  }
}

/** Waits. */
export async function wait(clock, timer) {
  const [count = 0] = await once(createTimer(timer), 'tick');
  const result = clock.read().value; // in seconds
  return { count: count + result };
}

export const waiting = [];
export { createTimer as startTimer } from './timer.ts';
`);
});

test('a CommonJS module requires at its top and exports at its end', () => {
  const script = javaScriptOf(code, 'cjs') ?? '';
  expect(script.startsWith(`${header}'use strict';\n\nconst { once } = require('node:events');\n`)).toBe(
    true,
  );
  expect(script).toContain("const { createTimer: startTimer } = require('./timer.ts');\n");
  expect(script).toMatch(/\n\nmodule\.exports = \{ Counter, wait, waiting, startTimer \};\n$/);
  expect(script).not.toMatch(/^(?:import|export)\b/m);
});

test.each<[string, string, string]>([
  ['nothing but types', 'export interface A {}\nexport type B = A;\n', ''],
  [
    'parameters that fit on one line',
    'export function f(\n  first: string,\n  second: number,\n): void {}\n',
    'export function f(first, second) {}\n',
  ],
  ['a default import', "import pg from 'pg';\npg;\n", "import pg from 'pg';\npg;\n"],
])('%s', (_, text, expected) => {
  expect(javaScriptOf(text, 'esm') ?? '').toBe(expected);
});

test.each([
  ['a decorator', '@Injectable()\nexport class Events {}\n'],
  ['an enum', 'export enum Kind { a }\n'],
  ['a parameter property', 'class A {\n  constructor(private readonly b: string) {}\n}\n'],
])('%s is refused', (_, text) => {
  expect(() => javaScriptOf(text, 'esm')).toThrow('not possible in JavaScript');
});

test('every module that is emitted does what the compiler makes of it', () => {
  const sources = join(repositoryRoot, 'src');
  const names = (readdirSync(sources, { recursive: true }) as string[]).filter(
    (name) => isKernelFile(name) && /(?<!\/index)\.ts$/.test(name),
  );
  expect(names.length).toBeGreaterThan(100);
  for (const name of names) {
    const text = readFileSync(join(sources, name), 'utf8');
    const [own, compilers] = [javaScriptOf(text, 'esm') ?? 'export {};', compiled(text, 'module.ts')];
    expect({ name, code: normal(own) }).toEqual({ name, code: normal(compilers) });
    const required = compiled(javaScriptOf(text, 'cjs') ?? '', 'module.cjs');
    expect({ name, modules: required.match(/^(?:import|export) .*/gm) }).toEqual({ name, modules: null });
  }
}, 60_000);

/** Without comments and layout, which are none of the compiler's business. */
function normal(text: string): string {
  return compiled(text, 'module.js')
    .replaceAll(/\s+|[();,]|^export\{\}$/gm, '')
    .replace(/export\{\}$/, '');
}

function compiled(text: string, fileName: string): string {
  const { outputText, diagnostics } = ts.transpileModule(text, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      allowJs: true,
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  });
  expect(diagnostics?.filter(({ code }) => code !== 1287)).toEqual([]);
  return outputText;
}
