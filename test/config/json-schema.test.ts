import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { configSchema } from '../../src/config/load.ts';
import { repositoryRoot } from '../helpers/exec.ts';

const packaged = readFileSync(join(repositoryRoot, 'config.schema.json'), 'utf8');

test('the packaged schema is that of the code', () => {
  expect(packaged).toBe(configJsonSchema());
});

const validate = new Ajv({ strict: true, validateFormats: false }).compile(JSON.parse(packaged) as object);

test.each([
  {},
  {
    $schema: './node_modules/evtgen/config.schema.json',
    framework: 'koa',
    broker: null,
    metrics: 'prometheus',
  },
  { store: 'prisma', formatter: null, scan: { prefixes: { '{config.prefix}': '/api' } } },
  { framework: 'rails' },
  { frame: 'koa' },
  { output: '../up' },
  { output: 'C:\\events' },
  { source: 'my api' },
  { scan: { prefixes: { a: 'b…' } } },
])('says of %j what evtgen says of it', (config) => {
  expect(validate(config)).toBe(configSchema.safeParse(config).success);
});

test('explains every property', () => {
  const { properties } = JSON.parse(packaged) as { properties: Record<string, { description?: string }> };
  const silent = Object.entries(properties).filter(
    ([name, { description }]) => name !== '$schema' && !description,
  );
  expect(silent.map(([name]) => name)).toEqual([]);
});
