import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { booleanOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlTransaction } from './sql.ts';

/** One numbered SQL file; plain statements that run once. */
export interface Migration {
  /** File name without `.sql`, e.g. `0001-event-log`. */
  readonly name: string;
  readonly script: string;
}

/** The database and the migration files contradict each other; nothing was changed. */
export class MigrationError extends Error {
  override readonly name: string = 'MigrationError';
  /** What a person should do. */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
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
 * take turns. A database that a newer release has migrated further is left as it is: old and new processes run
 * side by side while a release is rolled out.
 *
 * @param migrations in the order of their names
 * @returns the names of those applied now
 * @throws MigrationError when a recorded one was changed or its file is gone, when a new one comes before a
 * recorded one, or when the tables are there and nothing is recorded
 */
export function applyMigrations(sql: Sql, migrations: readonly Migration[]): Promise<string[]> {
  return sql.transaction(async (tx) => {
    // A lock of the transaction, not of the session: it holds through a pooler as well. Some clients print notices.
    await tx.query(
      `select pg_advisory_xact_lock(hashtext('evtgen.migrations')), set_config('client_min_messages', 'warning', true)`,
      [],
    );
    const applied = await readApplied(tx);
    assertConsistent(applied, migrations);
    const pending = migrations.filter(({ name }) => applied.has(name) === false);
    for (const { name, script } of pending) {
      await tx.script(script);
      await tx.query(`insert into evtgen.migrations (name, sha256) values ($1, $2)`, [
        name,
        digestOf(script),
      ]);
    }
    return pending.map(({ name }) => name);
  });
}

/** Digests of the applied migrations, by name. */
async function readApplied(tx: SqlTransaction): Promise<Map<string, string>> {
  await tx.script(`
    create schema if not exists evtgen;
    create table if not exists evtgen.migrations (
      name       text primary key,
      sha256     text not null,
      applied_at timestamptz not null default now()
    );`);
  const { rows } = await tx.query(`select name, sha256 from evtgen.migrations`, []);
  const found = await tx.query(`select to_regclass('evtgen.events') is not null as is_there`, []);
  if (rows.length === 0 && booleanOf(onlyRow(found), 'is_there')) {
    throw new MigrationError(
      'the tables of evtgen are there, but evtgen.migrations does not say which migrations made them',
      'another tool has applied them; apply new ones with that tool as well',
    );
  }
  return new Map(rows.map((row) => [textOf(row, 'name'), textOf(row, 'sha256')]));
}

function assertConsistent(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const newestApplied = [...applied.keys()].sort().at(-1) ?? '';
  for (const { name, script } of migrations) {
    const digest = applied.get(name);
    if (digest !== undefined && digest !== digestOf(script)) {
      throw new MigrationError(
        `migration ${name}.sql is not what it was when it was applied`,
        `restore ${name}.sql, and put the change into a new file with the next number`,
      );
    }
    if (digest === undefined && name < newestApplied) {
      throw new MigrationError(
        `migration ${name}.sql is new and comes before ${newestApplied}.sql, which is applied already`,
        `give ${name}.sql the next number`,
      );
    }
  }
  const newestGiven = migrations.at(-1)?.name ?? '';
  const given = new Set(migrations.map(({ name }) => name));
  for (const name of applied.keys()) {
    if (given.has(name) === false && name < newestGiven) {
      throw new MigrationError(
        `migration ${name}.sql is applied, and its file is missing`,
        `restore ${name}.sql`,
      );
    }
  }
}

/**
 * Of the text that counts. A checkout may change the line endings, an editor the spaces at the end of a line, and a
 * comment in a line of its own may be mended.
 */
function digestOf(script: string): string {
  const lines = script
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line.trimStart().startsWith('--') === false);
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
