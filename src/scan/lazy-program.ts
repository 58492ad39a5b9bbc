import { dirname } from 'node:path';
import { LIBRARY_FOLDER, libraryText, ts } from './typescript.ts';

/**
 * A checker over files that are read when a type first leads to them: a handler's types reach a small part of what
 * its file imports, and an ordinary program reads all of it, declarations of dependencies included.
 */
export interface LazyProgram {
  readonly checker: ts.TypeChecker;
  /** The file as the checker sees it, loaded if need be; undefined where there is none. */
  sourceFile(file: string): ts.SourceFile | undefined;
}

interface LazyProgramInput {
  readonly options: ts.CompilerOptions;
  /** Files whose global declarations count for all: `declare global`, `declare module 'express'`. */
  readonly globals: readonly string[];
  readonly root: string;
  /** Parses a source file of the project; its nodes are those that the scan has already seen. */
  readonly parse: (file: string) => ts.SourceFile;
  /** Told of each import that a type was followed through. */
  readonly onImport: (fromFile: string, file: string) => void;
}

const LANGUAGE_ONLY = 'lib.es2022.d.ts';

type Resolution = ts.ResolvedModuleWithFailedLookupLocations;

/** Parts of the compiler that its declarations do not list; package.json keeps to one minor version of what bundles it. */
interface CompilerInternals {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
}
interface ProgramInternals {
  getResolvedModule(file: ts.SourceFile, name: string, mode: ts.ResolutionMode): Resolution | undefined;
}
interface SourceFileInternals {
  path: string;
  resolvedPath: string;
  originalFileName: string;
  imports: readonly ts.Expression[];
  moduleAugmentations: readonly ts.Expression[];
  ambientModuleNames: readonly string[];
}

export function createLazyProgram(input: LazyProgramInput): LazyProgram {
  const { options, root, parse } = input;
  const host = ts.createCompilerHost(options, true);
  // They declare `fetch`, `Response` and their kin too, and the library of browsers is as large as all of them.
  const hasNodeTypes = nodeTypes(root, options).length > 0;
  const program = ts.createProgram({
    options,
    rootNames: input.globals,
    host: {
      ...host,
      getDefaultLibFileName: () =>
        `${LIBRARY_FOLDER}/${hasNodeTypes ? LANGUAGE_ONLY : ts.getDefaultLibFileName(options)}`,
      getDefaultLibLocation: () => LIBRARY_FOLDER,
      getSourceFile: (file) => (isDependency(file) ? declarations(file) : sourceOf(file)),
      // What a file imports is found when the checker asks for it.
      resolveModuleNameLiterals: (literals) => literals.map(() => ({ resolvedModule: undefined })),
    },
  });
  const loaded = new Map<string, ts.SourceFile>();
  const cache = ts.createModuleResolutionCache(root, (name) => name, options);
  const resolutions = new Map<string, Resolution>();
  const given = program.getSourceFile.bind(program);

  function sourceOf(file: string): ts.SourceFile | undefined {
    return ts.sys.fileExists(file) ? parse(file) : undefined;
  }

  function declarations(file: string): ts.SourceFile | undefined {
    const text = file.startsWith(LIBRARY_FOLDER) ? libraryText(file) : ts.sys.readFile(file);
    if (text === undefined) return undefined;
    const language = {
      languageVersion: ts.ScriptTarget.Latest,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    };
    return ts.createSourceFile(file, text, language);
  }

  const load = (file: string): ts.SourceFile | undefined => {
    const known = given(file) ?? loaded.get(file);
    if (known !== undefined) return known;
    // Sources of dependencies say less than their declarations, and cost more.
    if (isDependency(file) && /\.[cm]?jsx?$/.test(file)) return undefined;
    const source = isDependency(file) ? declarations(file) : sourceOf(file);
    if (source === undefined) return undefined;
    loaded.set(file, source);
    const internals = source as ts.SourceFile & SourceFileInternals;
    internals.path = file;
    internals.resolvedPath = file;
    internals.originalFileName = file;
    internals.imports = [];
    internals.moduleAugmentations = [];
    internals.ambientModuleNames = [];
    (ts as typeof ts & CompilerInternals).bindSourceFile(source, options);
    return source;
  };

  const resolve: ProgramInternals['getResolvedModule'] = ({ fileName }, name, mode) => {
    const key = `${dirname(fileName)}\0${mode ?? ''}\0${name}`;
    let resolution = resolutions.get(key);
    if (resolution === undefined) {
      resolution = ts.resolveModuleName(name, fileName, options, ts.sys, cache, undefined, mode);
      resolutions.set(key, resolution);
    }
    const target = resolution.resolvedModule?.resolvedFileName;
    if (target !== undefined) input.onImport(fileName, target);
    return resolution;
  };

  Object.assign(program, { getSourceFile: load, getResolvedModule: resolve });
  return { checker: program.getTypeChecker(), sourceFile: load };
}

function isDependency(file: string): boolean {
  return file.includes('/node_modules/');
}

/** The types of Node.js, which dependencies refer to rather than import. */
export function nodeTypes(root: string, options: ts.CompilerOptions): string[] {
  const { resolvedTypeReferenceDirective: found } = ts.resolveTypeReferenceDirective(
    'node',
    `${root}/package.json`,
    options,
    ts.sys,
  );
  return found?.resolvedFileName === undefined ? [] : [found.resolvedFileName];
}
