import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvtgenError, isErrno } from '../ui/errors.ts';

/** A process, told apart from a later one with the same id. */
interface Holder {
  /** 0 once released. */
  readonly pid: number;
  /** When that process started, in the kernel's own unit; null where the system does not say. */
  readonly startedAt: string | null;
}

export interface FolderLock {
  release(): Promise<void>;
}

const RELEASED: Holder = { pid: 0, startedAt: null };

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
  const own: Holder = { pid: process.pid, startedAt: await startOf(process.pid) };
  const draft = join(lock, `${randomUUID()}.draft`);
  await writeFile(draft, JSON.stringify(own));
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
async function readHolder(file: string): Promise<Holder> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return RELEASED;
    // Only a machine that lost power leaves half a file.
    if (error instanceof SyntaxError) return RELEASED;
    throw error;
  }
}

async function isRunning(holder: Holder): Promise<boolean> {
  if (holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return isErrno(error) && error.code === 'EPERM';
  }
  // Process ids are used again, soonest in containers, where the same command gets the same one.
  const startedAt = await startOf(holder.pid);
  return startedAt === null || holder.startedAt === null || startedAt === holder.startedAt;
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

/** Field 22 of /proc/<pid>/stat (proc(5)); the command name before it may contain spaces and parentheses. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}
