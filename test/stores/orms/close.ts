import type { PostgresDatabase } from '../../helpers/databases.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

/** Closes a database once nobody is connected any more: some pools say that they are closed a little earlier. */
export async function closeWhenLeft(database: PostgresDatabase): Promise<void> {
  await database.pool.end();
  const last = database.connect();
  await waitUntil(async () => {
    const { rows } = await last.query<{ count: string }>(
      'select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    return rows[0]?.count === '0';
  });
  await database.close();
}
