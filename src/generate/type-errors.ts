import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LIBRARY_FOLDER, libraryText, ts } from '../scan/typescript.ts';
import { foldersUpwards } from '../scan/workspace.ts';
import { readCompilerOptions, tsconfigOf } from './tsconfig.ts';
import { withDefaults } from './typescript-version.ts';

/** A file as it would be, relative to the project. */
export interface PlannedFile {
  readonly path: string;
  readonly content: string;
}

interface EditedFile extends PlannedFile {
  readonly before: string;
}

export interface TypeError {
  readonly path: string;
  /** In the edited text. */
  readonly position: number;
  /** `TS2345: Argument of type …`, in one line. */
  readonly message: string;
}

/** Tells what edits would break; keeps what it has read, since it is asked again once edits were taken back. */
export type TypeCheck = (edits: readonly EditedFile[]) => TypeError[];

/**
 * Type-checks edits of a project under its own settings, beside the files that are to be written with them. Null where
 * that would say nothing: no tsconfig.json, or no dependencies installed.
 *
 * @param augmenting absolute paths of files that add to the types of others, which need not import them.
 */
export function createTypeCheck(
  root: string,
  written: readonly PlannedFile[],
  augmenting: readonly string[],
): TypeCheck | null {
  const isInstalled = foldersUpwards(root).some((folder) => existsSync(join(folder, 'node_modules')));
  if (tsconfigOf(root) === undefined || !isInstalled) return null;
  const virtual = new Map(written.map(({ path, content }) => [pathOf(root, path), content]));
  const sources = new Map<string, ts.SourceFile | undefined>();
  let last: ts.Program | undefined;

  const programOf = (files: readonly PlannedFile[]): ts.Program => {
    const [first] = files;
    const texts = new Map(files.map(({ path, content }) => [pathOf(root, path), content]));
    const options = {
      ...withDefaults(readCompilerOptions(root, pathOf(root, first?.path ?? '')), root),
      noEmit: true,
      composite: false,
      incremental: false,
      declaration: false,
      skipLibCheck: true,
    };
    const host = ts.createCompilerHost(options, true);
    const textOf = (file: string): string | undefined =>
      file.startsWith(LIBRARY_FOLDER) ? libraryText(file) : (texts.get(file) ?? virtual.get(file));
    const program = ts.createProgram({
      rootNames: [...new Set([...texts.keys(), ...globalDeclarations(root, options), ...augmenting])],
      options,
      ...(last === undefined ? {} : { oldProgram: last }),
      host: {
        ...host,
        getDefaultLibFileName: () => `${LIBRARY_FOLDER}/${ts.getDefaultLibFileName(options)}`,
        getDefaultLibLocation: () => LIBRARY_FOLDER,
        fileExists: (file) => textOf(file) !== undefined || host.fileExists(file),
        readFile: (file) => textOf(file) ?? host.readFile(file),
        directoryExists: (folder) =>
          [...virtual.keys()].some((file) => file.startsWith(`${folder}/`)) ||
          host.directoryExists?.(folder) !== false,
        getSourceFile(file, settings) {
          const text = texts.get(file);
          if (text !== undefined) return ts.createSourceFile(file, text, settings, true);
          if (!sources.has(file)) {
            const own = textOf(file);
            sources.set(
              file,
              own === undefined
                ? host.getSourceFile(file, settings)
                : ts.createSourceFile(file, own, settings, true),
            );
          }
          return sources.get(file);
        },
      },
    });
    last = program;
    return program;
  };

  return (edits) => {
    const checked = edits.filter(({ path }) => /\.[cm]?tsx?$/.test(path));
    if (checked.length === 0) return [];
    const after = errorsOf(programOf(checked), root, checked);
    if (after.length === 0) return [];
    // Only where something is wrong need it be known what was wrong before.
    const touched = checked.filter(({ path }) => after.some((error) => error.path === path));
    const before = errorsOf(
      programOf(touched.map(({ path, before: content }) => ({ path, content }))),
      root,
      touched,
    );
    return withoutKnown(after, before);
  };
}

/** As the compiler asks for it, which knows forward slashes only. */
function pathOf(root: string, path: string): string {
  return join(root, path).replaceAll('\\', '/');
}

/** `declare global` and `declare module` of the project, which nothing imports. */
function globalDeclarations(root: string, options: ts.CompilerOptions): string[] {
  const folders = [
    root,
    join(root, 'src'),
    join(root, 'types'),
    join(root, '@types'),
    join(root, 'src/types'),
  ];
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => ts.sys.readDirectory(folder, ['.d.ts'], undefined, undefined, 1));
  return options.noResolve === true ? [] : [...new Set(files)];
}

function errorsOf(program: ts.Program, root: string, files: readonly PlannedFile[]): TypeError[] {
  return files.flatMap(({ path }) => {
    const source = program.getSourceFile(pathOf(root, path));
    if (source === undefined) return [];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ code, messageText, start = 0 }) => ({
        path,
        position: start,
        message: inOneLine(`TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
      }),
    );
  });
}

/** The causes that the compiler nests come last, and may be many. */
function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** Each error of before accounts for one of after that says the same. */
function withoutKnown(after: readonly TypeError[], before: readonly TypeError[]): TypeError[] {
  const rest = before.map(({ path, message }) => `${path} ${message}`);
  return after.filter(({ path, message }) => {
    const index = rest.indexOf(`${path} ${message}`);
    if (index !== -1) rest.splice(index, 1);
    return index === -1;
  });
}
