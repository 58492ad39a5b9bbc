import { getLibFiles, ts } from '#compiler';

// The only module that knows where the TypeScript compiler and its libraries come from.
export { ts };

/** Where the compiler's own `lib.*.d.ts` seem to be; they are on no disk. */
export const LIBRARY_FOLDER = '/node_modules/typescript/lib';

/** The text of one of the compiler's own `lib.*.d.ts`. */
export function libraryText(file: string): string | undefined {
  const name = file.slice(LIBRARY_FOLDER.length + 1);
  return getLibFiles().find(({ fileName }) => fileName === name)?.text;
}
