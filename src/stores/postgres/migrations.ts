import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { textOf } from './sql.ts';
import type { Sql } from './sql.ts';

/** One numbered SQL file; plain statements that run once. */
export interface Migration {
  /** File name without `.sql`, e.g. `0001-event-log`. */
  readonly name: string;
  readonly script: string;
}

/** The `*.sql` files of a folder, by number. */
export async function loadMigrations(folder: string): Promise<Migration[]> {
  const files = (await fs.readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const file of files) {
    migrations.push({
      name: file.slice(0, -'.sql'.length),
      script: await fs.readFile(join(folder, file), 'utf8'),
    });
  }
  return migrations;
}

/**
 * Applies what is not yet recorded in `evtgen.migrations`, all in one transaction. Processes that start together
 * take turns.
 *
 * @returns the names of those applied now
 */
export function applyMigrations(sql: Sql, migrations: readonly Migration[]): Promise<string[]> {
  return sql.transaction(async (tx) => {
    // A lock of the transaction, not of the session: it holds through a pooler as well.
    await tx.query(`select pg_advisory_xact_lock(hashtext('evtgen.migrations'))`, []);
    await tx.script(`
      create schema if not exists evtgen;
      create table if not exists evtgen.migrations (
        name       text primary key,
        applied_at timestamptz not null default now()
      );`);
    const { rows } = await tx.query(`select name from evtgen.migrations`, []);
    const known = new Set(rows.map((row) => textOf(row, 'name')));
    const pending = migrations.filter((migration) => known.has(migration.name) === false);
    for (const { name, script } of pending) {
      await tx.script(script);
      await tx.query(`insert into evtgen.migrations (name) values ($1)`, [name]);
    }
    return pending.map((migration) => migration.name);
  });
}
