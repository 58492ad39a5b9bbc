import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { EvtgenError, isErrno } from '../ui/errors.ts';
import { isWrite, type Change } from './change.ts';
import { exists, findTarget, unwritable, type FileSystem } from './target.ts';

interface Write {
  readonly change: Change;
  /** Where the content goes, with symbolic links followed. */
  readonly target: string;
  readonly temporary: string;
  /** The name under which the old file waits for the end. */
  readonly backup: string;
}

/** A step back, and the file that it is about. */
interface Undo {
  readonly path: string;
  run(): void;
}

/**
 * Carries the changes out: new content goes to temporary files first, then everything is renamed into place. If
 * anything fails, what was done is undone; that takes no disk space, since the old files are still there.
 * @throws EvtgenError `unsafe_target` when a path leaves the project, also through a symbolic link;
 * `unwritable_target` when one cannot be written; `changed_meanwhile` when a file is not what the plan was made
 * from any more. In each case the project is as it was.
 */
export function apply(root: string, changes: readonly Change[], fs: FileSystem = nodeFs): void {
  const writes = changes.filter(isWrite).map((change): Write => {
    const target = findTarget(fs, root, change.path);
    const temporary = `${target}.evtgen-${process.pid}`;
    return { change, target, temporary, backup: `${temporary}.old` };
  });
  for (const folder of new Set(changes.map(({ path }) => dirname(join(root, path))))) sweep(fs, folder);

  const undo: Undo[] = [];
  let current = '';
  try {
    for (const { change, target, temporary } of writes) {
      current = change.path;
      requireUnchanged(fs, target, change);
      if (change.after === null) continue;
      makeFolders(fs, dirname(target), change.path, undo);
      undo.push({ path: current, run: () => fs.rmSync(temporary, { force: true }) });
      const mode = fs.lstatSync(target, { throwIfNoEntry: false })?.mode ?? 0o666;
      fs.writeFileSync(temporary, change.after, { flag: 'wx', mode });
    }
    for (const write of writes) {
      current = write.change.path;
      requireUnchanged(fs, write.target, write.change);
      putInPlace(fs, write, undo);
    }
  } catch (error) {
    const lost = undoAll(undo);
    if (error instanceof EvtgenError && lost.length === 0) throw error;
    throw unwritable(current, error, lost);
  }
  for (const { change, backup } of writes) if (change.before !== null) removeIfPossible(fs, backup);
  for (const { change } of writes) {
    if (change.after === null) removeEmptyFolders(fs, root, dirname(join(root, change.path)));
  }
}

function putInPlace(fs: FileSystem, { change, target, temporary, backup }: Write, undo: Undo[]): void {
  const { path, before, after } = change;
  if (before !== null) {
    keepAs(fs, target, backup);
    undo.push({
      path,
      run() {
        fs.renameSync(backup, target);
        // Renaming does nothing where both are still names of one file.
        fs.rmSync(backup, { force: true });
      },
    });
  }
  if (after === null) {
    fs.rmSync(target);
    return;
  }
  fs.renameSync(temporary, target);
  if (before === null) undo.push({ path, run: () => fs.rmSync(target, { force: true }) });
}

/** Gives a file a second name, or a copy on file systems that know only one. */
function keepAs(fs: FileSystem, file: string, backup: string): void {
  try {
    fs.linkSync(file, backup);
  } catch {
    fs.copyFileSync(file, backup, nodeFs.constants.COPYFILE_EXCL);
  }
}

/** @returns the files that could not be put back. */
function undoAll(undo: readonly Undo[]): string[] {
  const lost = new Set<string>();
  for (const step of undo.toReversed()) {
    try {
      step.run();
    } catch {
      lost.add(step.path);
    }
  }
  return [...lost].sort();
}

/** The team may have saved a file since the plan was made: then the plan is about another text. */
function requireUnchanged(fs: FileSystem, target: string, { path, before }: Change): void {
  if (readIfPresent(fs, target) === before) return;
  throw new EvtgenError('changed_meanwhile', `${path} was changed meanwhile; nothing was written`, {
    hint: 'run generate again',
  });
}

function readIfPresent(fs: FileSystem, file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return null;
    throw error;
  }
}

function makeFolders(fs: FileSystem, folder: string, path: string, undo: Undo[]): void {
  const first = fs.mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  undo.push({ path, run: () => removeEmptyFolders(fs, dirname(first), folder) });
}

/** Removes what a killed run left in a folder. */
function sweep(fs: FileSystem, folder: string): void {
  for (const name of exists(fs, folder) ? fs.readdirSync(folder) : []) {
    const pid = /\.evtgen-(\d+)(?:\.old)?$/.exec(name)?.[1];
    // Our own id was that of an earlier process too: in containers, ids begin anew.
    const isLeft = pid !== undefined && (Number(pid) === process.pid || !isRunning(Number(pid)));
    if (isLeft) removeIfPossible(fs, join(folder, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isErrno(error) && error.code === 'EPERM';
  }
}

function removeIfPossible(fs: FileSystem, file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // It is in nobody's way, and the next run tries again.
  }
}

/** Removes the folder and those above it, below `top`, while they are empty. */
function removeEmptyFolders(fs: FileSystem, top: string, folder: string): void {
  for (let current = folder; current !== top; current = dirname(current)) {
    try {
      fs.rmdirSync(current);
    } catch {
      return; // Not empty: so neither are the folders above it.
    }
  }
}
