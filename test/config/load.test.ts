import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-config-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

test('an absent file is an empty config', () => {
  expect(loadConfig(root)).toEqual({});
});

test('every documented property is accepted', () => {
  const config = {
    $schema: './node_modules/evtgen/config.schema.json',
    output: 'lib/events',
    framework: 'express',
    broker: null,
    source: '/orders-api',
    migrations: 'db/migrations',
    scan: { include: ['src'], exclude: [], prefixes: { 'src/app.ts': '/api' } },
  };
  writeFileSync(join(root, 'evtgen.config.json'), JSON.stringify(config));
  expect(loadConfig(root)).toEqual(config);
});

test.each([
  ['{"output":', 'evtgen.config.json is not valid JSON: Unexpected end of JSON input at line 1, column 11'],
  [
    '{\n  output: 1}',
    "evtgen.config.json is not valid JSON: Expected property name or '}' at line 2, column 3",
  ],
  ['[]', 'evtgen.config.json: the document: expected object, got []'],
  ['{"out":"src"}', 'evtgen.config.json: out: unknown property'],
  ['{"scan":{"prefix":{}}}', 'evtgen.config.json: scan.prefix: unknown property'],
  [
    '{"framework":"rails"}',
    'evtgen.config.json: framework: expected "nest" or "next" or "fastify" or "hono" or "koa" or "hapi" or "express" or "node", got "rails"',
  ],
  ['{"scan":{"include":["a",1]}}', 'evtgen.config.json: scan.include[1]: expected string, got 1'],
  [
    '{"output":"../up"}',
    'evtgen.config.json: output: expected a relative path inside the project, got "../up"',
  ],
  [
    '{"output":"/abs"}',
    'evtgen.config.json: output: expected a relative path inside the project, got "/abs"',
  ],
  [
    '{"source":"my api"}',
    'evtgen.config.json: source: expected a URI-reference without spaces, such as "/orders-api", got "my api"',
  ],
  ['{"source":1,"output":2}', 'evtgen.config.json: output: expected string, got 2 (and 1 more)'],
])('%s is refused with file, path, expected and got', (text, message) => {
  writeFileSync(join(root, 'evtgen.config.json'), text);
  expect(() => loadConfig(root)).toThrow(
    expect.objectContaining({ name: 'EvtgenError', message, exitCode: 2 }),
  );
});
