import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EvtgenError } from '../ui/errors.ts';

/**
 * Writes a file whole or not at all.
 * @throws EvtgenError `unwritable` naming the file.
 */
export function writeAtomically(root: string, file: string, text: string): void {
  const target = join(root, file);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new EvtgenError('unwritable', `cannot write ${file} in ${root}`, { cause: error });
  }
}
