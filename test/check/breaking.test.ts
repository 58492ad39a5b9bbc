import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCheck } from '../../src/check/run.ts';
import { breakingChanges } from '../../src/check/schema-changes.ts';
import type { JsonSchema } from '../../src/scan/report.ts';
import { terminalInto } from '../generate/project.ts';
import { folderWith } from '../helpers/write-files.ts';

const text: JsonSchema = { type: 'string' };

function order(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required };
}

function says(before: JsonSchema, after: JsonSchema): string[] {
  return breakingChanges(before, after).map(({ path, message }) => `/${path.join('/')} ${message}`);
}

describe('within one version', () => {
  const id = { id: text };
  const node: JsonSchema = order({
    id: text,
    children: { type: 'array', items: { $ref: '#/definitions/node' } },
  });

  test.each<[string, JsonSchema, JsonSchema]>([
    ['what is the same', order(id), order(id)],
    ['an optional property', order(id), order({ ...id, note: text }, ['id'])],
    ['an optional property that goes', order({ ...id, note: text }, ['id']), order(id)],
    ['a new value of an enum', order({ id: { enum: ['a'] } }), order({ id: { enum: ['a', 'b'] } })],
    ['words', order(id), { ...order(id), title: 'Order', description: 'of a shop' }],
    ['a wider limit', { type: 'string', maxLength: 5 }, { type: 'string', maxLength: 9 }],
    ['a reference to the same', { $ref: '#/definitions/a', definitions: { a: text } }, text],
    ['what holds itself', { ...node, definitions: { node } }, { ...node, definitions: { node } }],
    [
      'alternatives in another order',
      { anyOf: [text, { type: 'null' }] },
      { anyOf: [{ type: 'null' }, text] },
    ],
    ['what lets others through', order(id), { ...order(id), additionalProperties: true }],
  ])('%s may change', (_name, before, after) => {
    expect(says(before, after)).toEqual([]);
  });

  test.each<[string, JsonSchema, JsonSchema, string[]]>([
    [
      'a required property goes',
      order({ ...id, total: { type: 'number' } }),
      order(id),
      ['/ lost the required property "total"'],
    ],
    [
      'it gets another name',
      order({ total: text }),
      order({ amount: text }),
      [
        '/ lost the required property "total"; is it "amount" now?',
        '/ requires "amount" now, which events of before may lack',
      ],
    ],
    ['it may be missing', order(id), order(id, []), ['/ may lack "id" now, which was required']],
    [
      'one more is required',
      order({ ...id, at: text }, ['id']),
      order({ ...id, at: text }),
      ['/ requires "at" now, which events of before may lack'],
    ],
    [
      'it may be null',
      order(id),
      order({ id: { type: ['string', 'null'] } }),
      ['/properties/id may be null now, and was string'],
    ],
    ['a type is narrower', { type: ['string', 'null'] }, text, ['/ may no longer be null']],
    [
      'numbers become whole',
      { type: 'number' },
      { type: 'integer' },
      ['/ may be integer now, and was number'],
    ],
    ['a type goes', text, {}, ['/ may be of any type now, and was string']],
    ['a value of an enum goes', { enum: ['a', 'b'] }, { enum: ['b'] }, ['/ may no longer be "a"']],
    ['an enum comes', text, { type: 'string', enum: ['b'] }, ['/ is limited to "b" now']],
    [
      'a format is another',
      { ...text, format: 'date' },
      { ...text, format: 'date-time' },
      ['/ has the format date-time now, and had date'],
    ],
    [
      'a limit is tighter',
      { type: 'array', maxItems: 5 },
      { type: 'array', maxItems: 3 },
      ['/ has maxItems 3 now'],
    ],
    [
      'others are stripped',
      { ...order(id), additionalProperties: true },
      order(id),
      ['/ no longer lets other properties through'],
    ],
    [
      'it changes deep inside',
      order({ lines: { type: 'array', items: order(id) } }),
      order({ lines: { type: 'array', items: order({}) } }),
      ['/properties/lines/items lost the required property "id"'],
    ],
    [
      'an alternative comes',
      { anyOf: [text] },
      { anyOf: [text, { type: 'null' }] },
      ['/ may be something else now too'],
    ],
    [
      'an alternative changes',
      { anyOf: [text, order(id)] },
      { anyOf: [text, order({})] },
      ['/anyOf/1 lost the required property "id"'],
    ],
    [
      'behind a reference',
      { ...node, definitions: { node } },
      { ...node, definitions: { node: order({}) } },
      [
        '/properties/children/items lost the required property "id"',
        '/properties/children/items lost the required property "children"',
      ],
    ],
  ])('it breaks where %s', (_name, before, after, expected) => {
    expect(says(before, after)).toEqual(expected);
  });
});

describe('against a git ref', () => {
  let root: string;
  const CATALOG = 'packages/shop/events/catalog.json';
  const SCHEMA = 'packages/shop/events/schemas/order.created.v1.json';
  const catalog = {
    catalogVersion: 1,
    eventTypes: { 'order.created': { version: 1, audience: 'public' } },
    mutations: { 'POST /orders': { event: 'order.created' } },
  };

  beforeEach(() => {
    root = folderWith({
      'package.json': { name: 'all', workspaces: ['packages/*'] },
      'packages/shop/package.json': { name: 'shop', dependencies: { express: '*' } },
      'packages/shop/app.js': `const app = require('express')();\napp.post('/orders', (req, res) => res.end());\n`,
      [CATALOG]: catalog,
    });
    write(SCHEMA, order({ id: text, total: { type: 'number' } }));
    git('init', '-q', '-b', 'main');
    commit();
  });

  function git(...args: string[]): void {
    execaSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root });
  }

  function commit(): void {
    git('add', '-A');
    git('commit', '-q', '-m', 'a state');
  }

  function write(file: string, value: object): void {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(value, undefined, 2));
  }

  async function check(base?: string): Promise<{ status: number; lines: string[] }> {
    const lines: string[] = [];
    const terminal = terminalInto(lines, root);
    const status = await runCheck({ dir: '.', format: 'json', isStrict: false, base }, terminal);
    const { findings } = JSON.parse(lines.join('')) as {
      findings: { rule: string; message: string; file: string; line?: number }[];
    };
    return {
      status,
      lines: findings.map(({ rule, message, file, line }) => `${file}:${line} ${rule} ${message}`),
    };
  }

  test('names the file, the line and what is broken, and only if it is asked', async () => {
    write(SCHEMA, order({ id: text, total: { type: 'string' } }));
    expect(await check()).toEqual({ status: 0, lines: [] });
    expect(await check('main')).toEqual({
      status: 1,
      lines: [`${SCHEMA}:7 breaking_change order.created.v1: data.total may be string now, and was number`],
    });
    commit();
    expect(await check('HEAD~1')).toMatchObject({ status: 1 });
    expect(await check('HEAD')).toEqual({ status: 0, lines: [] });
  });

  test('a new version beside the old one is how it is done', async () => {
    write(CATALOG, { ...catalog, eventTypes: { 'order.created': { version: 2, audience: 'public' } } });
    write(SCHEMA.replace('v1', 'v2'), order({ id: text }));
    expect(await check('main')).toEqual({ status: 0, lines: [] });
    rmSync(join(root, SCHEMA));
    expect((await check('main')).lines).toEqual([
      `${SCHEMA}:undefined breaking_change order.created.v1 is gone`,
    ]);
  });

  test('a version may go after its sunset', async () => {
    const deprecated = { '1': { since: '2020-01-01', sunset: '2020-02-01' } };
    const newer = { version: 2, audience: 'public', deprecated };
    write(CATALOG, { ...catalog, eventTypes: { 'order.created': newer } });
    write(SCHEMA.replace('v1', 'v2'), order({ id: text }));
    commit();
    rmSync(join(root, SCHEMA));
    expect(await check('HEAD')).toEqual({ status: 0, lines: [] });
  });

  test('an event type that goes, or is no longer public, is one too', async () => {
    write(CATALOG, { ...catalog, eventTypes: { 'order.created': { version: 1, audience: 'internal' } } });
    expect((await check('main')).lines).toEqual([
      `${CATALOG}:undefined breaking_change order.created is no longer public`,
    ]);
    write(CATALOG, { ...catalog, eventTypes: {}, mutations: { 'POST /orders': { ignore: 'query' } } });
    rmSync(join(root, SCHEMA));
    expect((await check('main')).lines).toEqual([
      `${CATALOG}:undefined breaking_change order.created is gone from the catalog`,
    ]);
  });

  test('what main changed since the branch left it does not count', async () => {
    git('checkout', '-q', '-b', 'work');
    write('packages/shop/other.json', {});
    commit();
    git('checkout', '-q', 'main');
    write(SCHEMA, order({ id: text, total: { type: 'number' }, currency: text }));
    commit();
    git('checkout', '-q', 'work');
    expect(await check('main')).toEqual({ status: 0, lines: [] });
  });

  test('a ref that git does not know is an error that says how to get it', async () => {
    await expect(check('origin/main')).rejects.toMatchObject({ code: 'unknown_base', exitCode: 2 });
    await expect(check('--all')).rejects.toMatchObject({ code: 'unknown_base' });
    rmSync(join(root, '.git'), { recursive: true });
    await expect(check('main')).rejects.toMatchObject({ code: 'no_git', exitCode: 2 });
  });

  test('without a contract in the base there is nothing to break', async () => {
    git('checkout', '-q', '--orphan', 'empty');
    git('rm', '-rq', '--cached', '.');
    git('commit', '-q', '--allow-empty', '-m', 'nothing');
    expect(await check('empty')).toEqual({ status: 0, lines: [] });
  });
});
