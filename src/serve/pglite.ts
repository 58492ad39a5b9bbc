import { PGlite } from '@electric-sql/pglite';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { EvtgenError } from '../ui/errors.ts';
import { readSnapshot, unpackSnapshot } from './pglite-snapshot.ts';

/** A database for development: the 128 MB that PostgreSQL takes by default are more than all the rest of the process. */
const SETTINGS = { postgresqlconf: ['shared_buffers=16MB'] };

/**
 * Opens PostgreSQL in this process.
 * @param folder where the data lives; in memory when left out. PGlite does not lock it: see lock.ts.
 * @throws EvtgenError `data_dir_unwritable`, `data_dir_unusable` when there is something that PGlite cannot open.
 */
export async function createPGlite(folder?: string): Promise<PGlite> {
  const isNew = folder === undefined || !(await exists(join(folder, 'PG_VERSION')));
  const snapshot = isNew ? await readSnapshot() : undefined;
  if (folder === undefined) {
    return PGlite.create(
      snapshot === undefined
        ? SETTINGS
        : { ...SETTINGS, loadDataDir: new Blob([snapshot], { type: 'application/x-tar' }) },
    );
  }
  try {
    if (snapshot !== undefined) await unpackSnapshot(snapshot, folder);
  } catch (error) {
    throw new EvtgenError('data_dir_unwritable', `${folder} cannot be written`, { cause: error });
  }
  try {
    return await PGlite.create(folder, SETTINGS);
  } catch (error) {
    throw new EvtgenError('data_dir_unusable', `${folder} cannot be opened`, {
      cause: error,
      hint: 'it may come from another version of evtgen; remove it, or choose another --data-dir',
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
