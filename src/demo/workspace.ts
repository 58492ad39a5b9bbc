import { cp, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EvtgenError, isErrno } from '../ui/errors.ts';

const SHOP = fileURLToPath(new URL('../../fixtures/express-orders', import.meta.url));
const NOT_COPIED = new Set(['node_modules', 'dist']);

/**
 * Copies the sample shop into `dir`, or into a new temporary folder.
 * @returns the absolute path of the copy.
 * @throws EvtgenError `demo_folder_not_empty` rather than mixing with what is there.
 */
export async function copyShop(dir: string | undefined): Promise<string> {
  const target = dir === undefined ? await mkdtemp(path.join(tmpdir(), 'evtgen-demo-')) : path.resolve(dir);
  try {
    await mkdir(target, { recursive: true });
    if ((await readdir(target)).length > 0) {
      throw new EvtgenError('demo_folder_not_empty', `${target}: the folder is not empty`, {
        hint: 'name a new folder with --dir, or leave --dir out to use a temporary one',
      });
    }
    await cp(SHOP, target, { recursive: true, filter: (source) => !NOT_COPIED.has(path.basename(source)) });
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new EvtgenError('demo_folder_unusable', `${target}: cannot be written`, { cause: error });
  }
  return realpath(target);
}
