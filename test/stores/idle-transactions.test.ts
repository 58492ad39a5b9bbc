import { describe, expect, it } from 'vitest';
import { databaseKinds } from '../helpers/databases.ts';
import { isMissing, postgres } from '../helpers/services.ts';

const servers = databaseKinds.filter(({ kind }) => kind !== 'pglite');

// PGlite lives and freezes with its process.
describe.skipIf(isMissing(postgres))('a transaction of ours', () => {
  it.each(servers)(
    'is ended by the server when its process is frozen in the middle of it ($kind)',
    async ({ open }) => {
      const database = await open();
      const limit = `select current_setting('idle_in_transaction_session_timeout') as value`;
      const before = await database.sql.query(limit, []);
      const within = await database.sql.transaction((tx) => tx.query(limit, []));
      expect(within.rows).toEqual([{ value: '10s' }]);
      // Gone with the transaction: the application's own are none of our business.
      expect((await database.sql.query(limit, [])).rows).toEqual(before.rows);
      await database.close();
    },
  );

  it('has a server to be tried on', () => expect(servers).not.toEqual([]));
});
