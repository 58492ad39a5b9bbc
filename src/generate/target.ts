import * as nodeFs from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { EvtgenError, rootMessage } from '../ui/errors.ts';

/** What is used of the file system. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'accessSync'
  | 'copyFileSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'readFileSync'
  | 'readdirSync'
  | 'realpathSync'
  | 'renameSync'
  | 'rmSync'
  | 'rmdirSync'
  | 'writeFileSync'
>;

/**
 * Where a change goes, with symbolic links followed. The nearest folder that exists must be inside the project, for
 * real, and take new files.
 * @throws EvtgenError `unsafe_target` or `unwritable_target`
 */
export function findTarget(fs: FileSystem, root: string, path: string): string {
  const realRoot = fs.realpathSync(root);
  const target = join(root, path);
  let folder = dirname(target);
  while (!exists(fs, folder)) folder = dirname(folder);
  const isThere = exists(fs, target);
  for (const place of isThere ? [folder, target] : [folder]) {
    const real = realPath(fs, place, path);
    if (real !== realRoot && !real.startsWith(realRoot + sep)) {
      throw new EvtgenError('unsafe_target', `${path} leads out of the project, to ${real}`);
    }
  }
  try {
    fs.accessSync(folder, nodeFs.constants.W_OK);
    if (!fs.lstatSync(fs.realpathSync(folder)).isDirectory()) throw new Error('its folder is a file');
  } catch (error) {
    throw unwritable(path, error);
  }
  return isThere ? realPath(fs, target, path) : target;
}

function realPath(fs: FileSystem, place: string, path: string): string {
  try {
    return fs.realpathSync(place);
  } catch (error) {
    throw new EvtgenError('unsafe_target', `${path} is a broken symbolic link: ${rootMessage(error)}`);
  }
}

/** True for a broken symbolic link too; false below a file, or where we may not look. */
export function exists(fs: FileSystem, path: string): boolean {
  try {
    return fs.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

export function unwritable(path: string, cause: unknown, lost: readonly string[] = []): EvtgenError {
  if (lost.length === 0) {
    return new EvtgenError('unwritable_target', `cannot write ${path}; nothing was written`, { cause });
  }
  const message = `cannot write ${path}, and cannot put back ${lost.join(', ')}`;
  const hint =
    'the old files lie beside them, with names that end in .old; put them back before the next run';
  return new EvtgenError('unwritable_target', message, { cause, hint });
}
