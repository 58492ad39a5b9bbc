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

it('leaves a write by hand whose database is not that of the events', async () => {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-database-'));
  const dependencies = { express: '4', knex: '3', sqlite3: '5' };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'hosts', dependencies }));
  writeFileSync(join(root, 'app.js'), APP);
  const project = projectAt(root);
  project.scan();
  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  expect(stdout).toContain("the project's database is SQLite, and the events are in PostgreSQL");
  project.remove();
});
