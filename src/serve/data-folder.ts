import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvtgenError, isErrno } from '../ui/errors.ts';
import { lockFolder } from './lock.ts';

/** What `serve` keeps between runs, or for one. */
export interface DataFolder {
  /** Of PGlite. */
  readonly databaseFolder: string;
  /** Seals the secrets of subscriptions in the database. */
  readonly encryptionKey: Uint8Array;
  /** Where the run before listened. */
  readonly previousOrigin: string | undefined;
  recordOrigin(origin: string): Promise<void>;
  release(): Promise<void>;
}

export const ENCRYPTION_KEY_BYTES = 32;

/**
 * Opens the folder for this process alone, and makes it on first use.
 * @throws EvtgenError `data_dir_unwritable`, `data_dir_in_use`.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Test data and a key: nothing of it belongs into a repository.
    await writeIfAbsent(join(folder, '.gitignore'), '*\n');
  } catch (error) {
    throw new EvtgenError('data_dir_unwritable', `${folder} cannot be written`, { cause: error });
  }
  const lock = await lockFolder(join(folder, 'lock'), folder);
  const keyFile = join(folder, 'encryption-key');
  const originFile = join(folder, 'origin');
  await writeIfAbsent(keyFile, randomBytes(ENCRYPTION_KEY_BYTES));
  await writeIfAbsent(originFile, '');
  const previousOrigin = await readFile(originFile, 'utf8');
  return {
    databaseFolder: join(folder, 'pglite'),
    encryptionKey: await readFile(keyFile),
    previousOrigin: URL.canParse(previousOrigin) ? previousOrigin : undefined,
    recordOrigin: (origin) => writeFile(originFile, origin),
    release: () => lock.release(),
  };
}

async function writeIfAbsent(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!isErrno(error) || error.code !== 'EEXIST') throw error;
  }
}
