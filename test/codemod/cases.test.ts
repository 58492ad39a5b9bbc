import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planWiring, type WiringPlan } from '../../src/codemod/wire.ts';
import { openProject } from '../../src/scan/project.ts';
import type { Mutation } from '../../src/scan/report.ts';

interface Case {
  /** Event type by mutation; null for one without an event. */
  mutations: Record<string, string | null>;
  /** Where the handler begins: a piece of its first line. Null where the scan found none. */
  handler: string | null;
  handlers: Record<string, string>;
  required: string[];
  subject?: string;
  ending: '.js' | '.ts' | '';
}

const folder = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), 'evtgen-codemod-'));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

afterAll(() => rmSync(work, { recursive: true }));

describe.each(names)('%s', (name) => {
  const root = join(work, name);
  cpSync(join(folder, name), root, { recursive: true, filter: (path) => !basename(path).startsWith('output') });
  const settings = readCase(root);

  it('is wired as expected, by additions only, and once', async () => {
    const first = plan(root, settings);
    await expect(report(first)).toMatchFileSnapshot(join(folder, name, 'output.txt'));
    for (const { path, before, after } of first.changes) {
      await expect(after).toMatchFileSnapshot(join(folder, name, path.replace('input', 'output')));
      expect(withoutAdded(before ?? '', after ?? '')).toBe(before);
      writeFileSync(join(root, path), after ?? '');
    }

    if (first.changes.length === 0) return;
    const second = plan(root, settings);
    expect(second.changes).toEqual([]);
    expect(second.wirings.map(({ outcome }) => outcome)).toEqual(
      first.wirings.map(({ outcome }) => (outcome === 'wired' ? 'already' : outcome)),
    );
  });
});

it('has an expected file for each that is changed, and no other', () => {
  const isWired = (name: string): boolean =>
    /^wired/m.test(readFileSync(join(folder, name, 'output.txt'), 'utf8'));
  const hasOutput = (name: string): boolean =>
    readdirSync(join(folder, name)).some((file) => /^output.*\.[jt]s$/.test(file));

  expect(names.filter(hasOutput)).toEqual(names.filter(isWired));
});

function plan(root: string, settings: Case): WiringPlan {
  const project = openProject(root);
  const events = Object.entries(settings.mutations);
  return planWiring({
    project,
    mutations: events.map(([key]) => mutation(root, key, settings)),
    catalog: {
      catalogVersion: 1,
      eventTypes: Object.fromEntries(
        events.flatMap(([, event]) =>
          event === null ? [] : [[event, { version: 1, audience: 'public', subject: settings.subject }]],
        ),
      ),
      mutations: Object.fromEntries(
        events.map(([key, event]) => [key, event === null ? { ignore: 'inbound_webhook' } : { event }]),
      ),
    },
    schemaOf: () => ({ type: 'object', required: settings.required }),
    output: 'events',
    specifierEnding: settings.ending,
  });
}

function mutation(root: string, key: string, settings: Case): Mutation {
  const [method = '', path = ''] = key.split(' ');
  const file = existsSync(join(root, 'input.js')) ? 'input.js' : 'input.ts';
  const wanted = settings.handlers[key] ?? settings.handler;
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const line = wanted === null ? 1 : lines.findIndex((text) => text.includes(wanted)) + 1;
  return {
    method: method as Mutation['method'],
    path,
    framework: 'express',
    file,
    line,
    ...(wanted === null ? {} : { handler: { name: null, file, line } }),
    partial: false,
    kind: 'mutation',
    eventType: null,
    confidence: 'high',
    payload: null,
    payloadSource: 'none',
    sensitive: [],
  };
}

function readCase(root: string): Case {
  const file = join(root, 'case.json');
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Case>) : {};
  return {
    mutations: { 'POST /orders': 'order.created' },
    handler: '(req',
    handlers: {},
    required: [],
    ending: '.js',
    ...given,
  };
}

function report({ wirings }: WiringPlan): string {
  return wirings
    .map(
      ({ outcome, mutation, eventType, file, line, reason, snippet }) =>
        `${outcome} ${mutation} ${eventType} at ${file}:${line}: ${reason}\n${snippet.replace(/^/gm, '    ')}\n`,
    )
    .join('');
}

/** `after` without what is not in `before`, taken greedily: equal to `before` exactly if text was only added. */
function withoutAdded(before: string, after: string): string {
  let kept = 0;
  for (const character of after) {
    if (character === before[kept]) kept += 1;
  }
  return before.slice(0, kept);
}
