import { describe, expect, it } from 'vitest';
import { databaseKinds } from '../helpers/databases.ts';

describe.each(databaseKinds.filter(({ kind }) => kind !== 'pglite'))(
  'a transaction of ours on $kind',
  ({ open }) => {
    it('is ended by the server when its process is frozen in the middle of it', async () => {
      const database = await open();
      const limit = `select current_setting('idle_in_transaction_session_timeout') as value`;
      const before = await database.sql.query(limit, []);
      const within = await database.sql.transaction((tx) => tx.query(limit, []));
      expect(within.rows).toEqual([{ value: '10s' }]);
      // Gone with the transaction: the application's own are none of our business.
      expect((await database.sql.query(limit, [])).rows).toEqual(before.rows);
      await database.close();
    });
  },
);
