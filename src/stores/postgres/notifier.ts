import type { Notifier } from '../../kernel/ports.ts';
import type { Sql } from './sql.ts';

const CHANNEL = 'evtgen';

/** NOTIFY and LISTEN; undefined where the client cannot listen: then nobody is to be told either. */
export function createNotifier(sql: Sql): Notifier | undefined {
  const { listen } = sql;
  if (listen === undefined) return undefined;
  return {
    async notify(message): Promise<void> {
      // A notification has a commit of its own, and need not be on the disk to be heard.
      await sql.query(
        `with unflushed as (select set_config('synchronous_commit', 'off', true))
         select pg_notify($1, $2) from unflushed`,
        [CHANNEL, message],
      );
    },
    listen: (onMessage, onLost) => listen(CHANNEL, onMessage, onLost),
  };
}
