import type { Notifier } from '../../kernel/ports.ts';
import type { Sql } from './sql.ts';

const CHANNEL = 'evtgen';

/** NOTIFY and LISTEN; undefined where the client cannot listen: then nobody is to be told either. */
export function createNotifier(sql: Sql): Notifier | undefined {
  const { listen } = sql;
  if (listen === undefined) return undefined;
  return {
    async notify(message): Promise<void> {
      await sql.query(`select pg_notify($1, $2)`, [CHANNEL, message]);
    },
    listen: (onMessage, onLost) => listen(CHANNEL, onMessage, onLost),
  };
}
