import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { lockFolder, type FolderLock } from '../serve/lock.ts';
import { EvtgenError, isErrno } from '../ui/errors.ts';

const WAIT_MS = 60_000;
const POLL_MS = 25;

/**
 * Runs one writer of a project at a time: what one plans from must not change before it is written. The lock lies
 * outside of the project, so that a killed run leaves nothing in it.
 * @throws EvtgenError `generate_is_running` when another one does not end in time.
 */
export async function alone<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  const lock = await waitForLock(root);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function waitForLock(root: string): Promise<FolderLock> {
  const id = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  // By number: in a container, a user need not have a name. Windows has a folder for each anyway.
  const user = process.getuid?.() ?? 'own';
  const folder = join(tmpdir(), `evtgen-generate-${user}-${id}`);
  const end = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return await lockFolder(folder, root);
    } catch (error) {
      if (isErrno(error)) {
        throw new EvtgenError('unwritable_temporary_folder', `cannot write into ${tmpdir()}`, {
          cause: error,
          hint: 'set TMPDIR to a folder for temporary files that can be written to',
        });
      }
      if (!(error instanceof EvtgenError)) throw error;
      if (Date.now() > end) {
        throw new EvtgenError('generate_is_running', error.message, {
          hint: 'another generate is running there',
        });
      }
    }
    await setTimeout(POLL_MS);
  }
}

/**
 * Lets short synchronous work end when somebody presses Ctrl-C in its middle.
 * @returns whether a signal came.
 */
export async function uninterrupted(work: () => void): Promise<boolean> {
  let isInterrupted = false;
  const note = (): void => void (isInterrupted = true);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, note);
  try {
    work();
    // Signals that came meanwhile are handed out when the event loop next looks for input: that is one turn away, or
    // two where this one has looked already.
    await setImmediate();
    await setImmediate();
  } finally {
    for (const signal of signals) process.off(signal, note);
  }
  return isInterrupted;
}
