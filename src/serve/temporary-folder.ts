import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvtgenError, isErrno } from '../ui/errors.ts';
import { ENCRYPTION_KEY_BYTES, type DataFolder } from './data-folder.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** Other machines and containers may have the same folder for temporary files, and their processes are not seen here. */
const PREFIX = `evtgen-serve-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;

/**
 * A data folder that goes with this process, however that ends; what a killed one left is taken away by the next. Kept
 * in memory instead, the files of PostgreSQL are half as much again as all the rest.
 * @throws EvtgenError `temporary_folder_unusable`
 */
export async function openTemporaryFolder(parent = tmpdir()): Promise<DataFolder> {
  const { pid, startedAt } = await ownIdentity();
  let folder: string;
  try {
    await removeLeftovers(parent);
    // Whose it is stands in its name: it is never there without. Nor is it ever there without being removed at exit,
    // which a signal could bring while another thread makes it.
    folder = mkdtempSync(join(parent, `${PREFIX}${pid}-${startedAt ?? 0}-`));
  } catch (error) {
    throw new EvtgenError('temporary_folder_unusable', `${parent} cannot be used for temporary files`, {
      cause: error,
      hint: 'name another one in TMPDIR, or serve without --in-memory',
    });
  }
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  return {
    databaseFolder: join(folder, 'pglite'),
    encryptionKey: randomBytes(ENCRYPTION_KEY_BYTES),
    previousOrigin: undefined,
    recordOrigin: async () => undefined,
    async release() {
      await rm(folder, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    },
  };
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = ownerOf(name);
    if (owner === undefined || (await isRunning(owner))) continue;
    const folder = join(parent, name);
    // In a folder that everybody writes to, a name proves nothing.
    if (await isOurs(folder)) await rm(folder, { recursive: true, force: true });
  }
}

function ownerOf(name: string): ProcessIdentity | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const [, pid, startedAt] = /^(\d+)-(\d+)-[^-]+$/.exec(name.slice(PREFIX.length)) ?? [];
  if (pid === undefined || startedAt === undefined) return undefined;
  return { pid: Number(pid), startedAt: startedAt === '0' ? null : startedAt };
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  } catch (error) {
    // Another start was faster.
    if (isErrno(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}
