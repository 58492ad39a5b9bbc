import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMigrations } from '../../src/generate/migrations.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'evtgen-migrations-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test('a configuration that only the scripts name tells the folder, from where the tool is run', () => {
  write({
    'package.json': JSON.stringify({
      scripts: { migrate: 'drizzle-kit migrate --config=infra/drizzle.config.js' },
    }),
    'infra/drizzle.config.js': "export default { out: 'infra/changes' };\n",
    'infra/changes/0000_orders.sql': '',
    'infra/changes/meta/_journal.json': '{}',
  });
  expect(findMigrations(root, undefined, 'drizzle')).toMatchObject({
    folder: 'infra/changes',
    names: ['0000_orders.sql'],
  });
});

test('or from where the configuration lies', () => {
  write({
    'package.json': JSON.stringify({
      scripts: { migrate: 'knex --knexfile ./db/knexfile.js migrate:latest' },
    }),
    'db/knexfile.js': "module.exports = { migrations: { directory: './changes' } };\n",
    'db/changes/20260101000000_orders.js': '',
  });
  expect(findMigrations(root, undefined, 'knex')).toMatchObject({ folder: 'db/changes' });
});
