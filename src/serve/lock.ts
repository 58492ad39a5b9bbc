import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvtgenError, isErrno } from '../ui/errors.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

export interface FolderLock {
  release(): Promise<void>;
}

/** Nobody holds it any more. */
const RELEASED: ProcessIdentity = { pid: 0, startedAt: null };

/**
 * Makes sure that one process at a time opens a folder. What a killed process left is taken over.
 *
 * The lock is a folder of numbered files, and whoever wrote the highest number holds it. A file is never given up by
 * deleting it, only succeeded by the next number, and a name can be linked once: so however many processes find the
 * same holder dead, one of them succeeds it.
 * @param folder is what the lock guards; named in the error.
 * @throws EvtgenError `data_dir_in_use` naming the process that holds it.
 */
export async function lockFolder(lock: string, folder: string): Promise<FolderLock> {
  await mkdir(lock, { recursive: true });
  const draft = join(lock, `${randomUUID()}.draft`);
  await writeFile(draft, JSON.stringify(await ownIdentity()));
  try {
    for (;;) {
      const highest = await highestNumber(lock);
      const holder = await readHolder(join(lock, String(highest)));
      if (await isRunning(holder)) {
        throw new EvtgenError('data_dir_in_use', `${folder} is in use by process ${holder.pid}`, {
          hint: 'stop that process, or choose another --data-dir',
        });
      }
      const number = highest + 1;
      if (!(await tryLink(draft, join(lock, String(number))))) continue;
      // Others may have come and gone since the look, and cleared away this number after a higher one.
      if ((await highestNumber(lock)) > number) {
        await rm(join(lock, String(number)));
        continue;
      }
      await removeBelow(lock, number);
      return { release: () => release(lock, number) };
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function highestNumber(lock: string): Promise<number> {
  const numbers = (await readdir(lock)).filter((name) => /^\d+$/.test(name)).map(Number);
  return Math.max(0, ...numbers);
}

/** Linking gives a file its name and its content in one step, and fails where the name is taken. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A file that is gone was succeeded by a higher number, which the next look will find. */
async function readHolder(file: string): Promise<ProcessIdentity> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return RELEASED;
    // Only a machine that lost power leaves half a file.
    if (error instanceof SyntaxError) return RELEASED;
    throw error;
  }
}

async function release(lock: string, number: number): Promise<void> {
  const draft = join(lock, `${randomUUID()}.draft`);
  await writeFile(draft, JSON.stringify(RELEASED));
  await rename(draft, join(lock, String(number)));
}

async function removeBelow(lock: string, number: number): Promise<void> {
  for (const name of await readdir(lock)) {
    if (/^\d+$/.test(name) && Number(name) < number) await rm(join(lock, name), { force: true });
  }
}
