import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { DatabaseKind, TestDatabase } from './databases.ts';
import { resetDatabase } from './reset-database.ts';

/** One database for the tests of a `describe`, emptied before each. To be used inside of tests and hooks only. */
export function useDatabase({ kind, open }: DatabaseKind): Pick<TestDatabase, 'kind' | 'sql'> {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(() => resetDatabase(database.sql));
  return {
    kind,
    get sql() {
      return database.sql;
    },
  };
}
