import { getLibFiles, libFolderInMemoryPath } from '@ts-morph/common';
import { ts } from 'ts-morph';

// The only module that knows where the TypeScript compiler and its libraries come from.
export { ts };

export const LIBRARY_FOLDER: string = libFolderInMemoryPath;

/** The text of one of the compiler's own `lib.*.d.ts`. */
export function libraryText(file: string): string | undefined {
  const name = file.slice(LIBRARY_FOLDER.length + 1);
  return getLibFiles().find(({ fileName }) => fileName === name)?.text;
}
