import { readFile } from 'node:fs/promises';
import { isErrno } from '../ui/errors.ts';

/** A process, told apart from a later one with the same id. */
export interface ProcessIdentity {
  /** 0 for none. */
  readonly pid: number;
  /** When that process started, in the kernel's own unit; null where the system does not say. */
  readonly startedAt: string | null;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, startedAt: await startOf(process.pid) };
}

export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return isErrno(error) && error.code === 'EPERM';
  }
  // Process ids are used again, soonest in containers, where the same command gets the same one.
  const startedThere = await startOf(pid);
  return startedThere === null || startedAt === null || startedThere === startedAt;
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
