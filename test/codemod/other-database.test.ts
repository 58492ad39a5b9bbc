import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectAt } from '../generate/project.ts';

const APP = `const app = require('express')();
const knex = require('knex')({ client: process.env.CLIENT });
app.delete('/hosts/:id', async (req, res) => {
  await knex('hosts').where('id', req.params.id).delete();
  res.sendStatus(204);
});
app.listen(3000);
`;

it.each([
  ['is another', { sqlite3: '5' }, '', "the project's database is SQLite, and the events are in PostgreSQL"],
  [
    'may be another when it runs',
    { pg: '8', sqlite3: '5' },
    `const settings = { client: process.env.PG ? 'pg' : 'sqlite3' };\nmodule.exports.local = { client: 'sqlite3' };\n`,
    "the project's database may be SQLite as well (settings.js), and the events are in PostgreSQL",
  ],
])('leaves a write by hand whose database %s', async (_title, drivers, settings, reason) => {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-database-'));
  const dependencies = { express: '4', knex: '3', ...drivers };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'hosts', dependencies }));
  writeFileSync(join(root, 'app.js'), APP);
  if (settings !== '') writeFileSync(join(root, 'settings.js'), settings);
  const project = projectAt(root);
  project.scan();
  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  expect(stdout).toContain(reason);
  project.remove();
});
