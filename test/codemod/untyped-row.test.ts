import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectAt, type TestProject } from '../generate/project.ts';

const handlers = ['link', 'host'].map(
  (name) => `
app.delete('/${name}s/:id', async (req, res) => {
  const ${name} = await knex('${name}s').where({ uuid: req.params.id }).first();
  if (!${name}) return res.sendStatus(404);
  await knex('${name}s').where('id', ${name}.id).delete();
  res.sendStatus(204);
});`,
);
const table = (name: string): string => `
  await knex.schema.createTable('${name}', (table) => {
    table.increments('id');
    table.uuid('uuid').notNullable();
  });`;
const FILES = {
  'package.json': JSON.stringify({ name: 'shortener', dependencies: { express: '4', knex: '3', pg: '8' } }),
  'migrations/1_links.js': `exports.up = async (knex) => {${table('links')}${table('hosts')}\n};\n`,
  'app.js': [
    "const app = require('express')();",
    "const knex = require('./knex');",
    ...handlers,
    'app.listen(3000);\n',
  ].join('\n'),
  'knex.js': "module.exports = require('knex')({ client: 'pg' });\n",
};

let project: TestProject;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-untyped-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  project = projectAt(root);
  project.scan();
});
afterEach(() => project.remove());

it('emits no row of JavaScript whose column is of another type than the schema says', async () => {
  for (const [name, id] of Object.entries({ link: { type: 'string', format: 'uuid' }, host: { type: 'integer' } })) {
    const schema = { type: 'object', properties: { id }, required: ['id'] };
    writeFileSync(project.path(`events/schemas/${name}.deleted.v1.json`), JSON.stringify(schema));
  }
  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  expect(stdout).toContain('`link.id` is number, and link.deleted has it as string');
  expect(stdout).toContain('wired    DELETE /hosts/:id');
});
