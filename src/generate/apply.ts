import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { EvtgenError, rootMessage } from '../ui/errors.ts';
import { isWrite, type Change } from './change.ts';

/**
 * Carries the changes out: new content goes to temporary files first, then everything is renamed into place.
 * If anything fails, what was done is undone.
 * @throws EvtgenError `unsafe_target` when a path leaves the project, also through a symbolic link;
 * `unwritable_target` when one cannot be written. Either way the project is as it was.
 */
export function apply(root: string, changes: readonly Change[]): void {
  const writes = changes.filter(isWrite);
  for (const change of writes) checkTarget(root, change.path);

  const undo: (() => void)[] = [];
  const staged: { readonly temporary: string; readonly target: string; readonly change: Change }[] = [];
  let current = '';
  try {
    for (const change of writes) {
      current = change.path;
      const target = join(root, change.path);
      if (change.after === null) continue;
      makeFolders(dirname(target), undo);
      const temporary = `${target}.evtgen-${process.pid}`;
      undo.push(() => rmSync(temporary, { force: true }));
      writeFileSync(temporary, change.after, { flag: 'wx', mode: modeOf(target) });
      staged.push({ temporary, target, change });
    }
    for (const { temporary, target, change } of staged) {
      current = change.path;
      renameSync(temporary, target);
      undo.push(() => putBack(target, change.before));
    }
    for (const change of writes.filter(({ kind }) => kind === 'delete')) {
      current = change.path;
      const target = join(root, change.path);
      rmSync(target);
      undo.push(() => putBack(target, change.before));
    }
  } catch (error) {
    for (const step of undo.toReversed()) step();
    throw unwritable(current, error);
  }
  for (const change of writes.filter(({ kind }) => kind === 'delete')) {
    removeEmptyFolders(root, dirname(join(root, change.path)));
  }
}

function unwritable(path: string, cause: unknown): EvtgenError {
  return new EvtgenError('unwritable_target', `cannot write ${path}; nothing was written`, { cause });
}

/** The nearest folder that exists must be inside the project, for real, and take new files. */
function checkTarget(root: string, path: string): void {
  const realRoot = realpathSync(root);
  const target = join(root, path);
  let folder = dirname(target);
  while (!exists(folder)) folder = dirname(folder);
  const places = exists(target) ? [folder, target] : [folder];
  for (const place of places) {
    const real = realPath(place, path);
    if (real !== realRoot && !real.startsWith(realRoot + sep)) {
      throw new EvtgenError('unsafe_target', `${path} leads out of the project, to ${real}`);
    }
  }
  try {
    accessSync(folder, constants.W_OK);
    if (!lstatSync(realpathSync(folder)).isDirectory()) throw new Error('its folder is a file');
  } catch (error) {
    throw unwritable(path, error);
  }
}

function realPath(place: string, path: string): string {
  try {
    return realpathSync(place);
  } catch (error) {
    throw new EvtgenError('unsafe_target', `${path} is a broken symbolic link: ${rootMessage(error)}`);
  }
}

/** True for a broken symbolic link too; false below a file, or where we may not look. */
function exists(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

function modeOf(target: string): number {
  return lstatSync(target, { throwIfNoEntry: false })?.mode ?? 0o666;
}

function makeFolders(folder: string, undo: (() => void)[]): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first !== undefined) undo.push(() => rmSync(first, { recursive: true, force: true }));
}

function putBack(target: string, before: string | null): void {
  if (before === null) rmSync(target, { force: true });
  else writeFileSync(target, before);
}

function removeEmptyFolders(root: string, folder: string): void {
  for (let current = folder; current !== root; current = dirname(current)) {
    try {
      rmdirSync(current);
    } catch {
      return; // Not empty: so neither are the folders above it.
    }
  }
}
