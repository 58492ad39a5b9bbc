import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { compilerOptions } from './compiler-options.ts';
import { createPackageReader } from './dependencies.ts';
import { findSourceFiles, isTooLarge } from './files.ts';
import { createLazyProgram, nodeTypes } from './lazy-program.ts';
import { descends } from './nesting.ts';
import { createResolver } from './resolve.ts';
import { readSourceText } from './source-text.ts';
import { firstSyntaxError, isScript, parseSource } from './syntax.ts';
import { ts } from './typescript.ts';
import type { Site } from './values.ts';
import { findWorkspace } from './workspace.ts';

export { ts };

/** The sources of a scanned folder. Files are read and parsed when first asked for. */
export interface Project {
  readonly root: string;
  readonly files: readonly string[];
  readonly schemaFiles: readonly string[];
  readonly tooLarge: readonly string[];
  text(file: string): string;
  parse(file: string): ts.SourceFile;
  /** First syntax error of a file parsed so far, by file. */
  readonly syntaxErrors: ReadonlyMap<string, { readonly line: number; readonly message: string }>;
  /** How many of `files` are parsed so far. */
  readonly parsedCount: () => number;
  /** The project's file that a module specifier stands for, or null for packages and what is not there. */
  resolve(specifier: string, fromFile: string): string | null;
  /** The same for an import that is not followed. */
  leadsTo(specifier: string, fromFile: string): string | null;
  /** Relative to the root, with forward slashes. */
  relativePath(file: string): string;
  siteOf(node: ts.Node): Site;
  /** Whether the package.json next above a file names a package. */
  dependsOn(file: string, packageName: string): boolean;
  /** The folder of that package.json. */
  packageFolder(file: string): string;
  /** The same node in a program with types, or null if it is gone there. Builds the program when first called. */
  typed(): TypedView;
  readonly compilerOptions: ts.CompilerOptions;
  /** Files whose declarations count in every file. */
  readonly globalFiles: () => readonly string[];
  /** The imports that were followed so far, for values and for types. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Nodes with a type checker behind them. */
export interface TypedView {
  readonly checker: ts.TypeChecker;
  /** The team's own compiler checks for null: elsewhere a declared type says nothing about it. */
  readonly isNullChecked: boolean;
  find<N extends ts.Node>(node: N): N | null;
}

/** The reason given for code that no stack is deep enough for. */
export const TOO_DEEP = 'nested too deeply';
/** In larger projects, what is not parsed is read again when it is asked for again. */
const MAX_HELD_BYTES = 16_000_000;
const DECLARES_GLOBALS = /^\s*declare\s+(?:global\b|module\s*['"])/m;

/** @param onParse told how many files were parsed so far, and of how many. */
export function openProject(
  root: string,
  isWanted: (relativePath: string) => boolean = () => true,
  onParse: (parsed: number, files: number) => void = () => {},
): Project {
  const realRoot = realpathSync(root);
  const { files, bytes, schemaFiles, tooLarge } = findSourceFiles(realRoot, isWanted);
  const { options, isNullChecked } = compilerOptions(realRoot);
  const texts = new Map<string, string>();
  const parsed = new Map<string, ts.SourceFile>();
  const own = new Set(files);
  let ownParsed = 0;
  const syntaxErrors = new Map<string, { line: number; message: string }>();

  const text = (file: string): string => {
    const known = texts.get(file) ?? parsed.get(file)?.text;
    // The tree of a file that is nested too deeply is empty.
    if (known !== undefined && known !== '') return known;
    const content = readSourceText(file);
    if (bytes <= MAX_HELD_BYTES) texts.set(file, content);
    return content;
  };

  const parse = (file: string): ts.SourceFile => {
    const known = parsed.get(file);
    if (known !== undefined) return known;
    let source = ts.createSourceFile(file, '', ts.ScriptTarget.Latest, true);
    // What is too large, and reported, may be imported all the same.
    const isParsed =
      isTooLarge(file) ||
      descends(() => {
        source = parseSource(file, text(file));
      });
    parsed.set(file, source);
    if (own.has(file)) onParse((ownParsed += 1), files.length);
    const error = isParsed ? firstSyntaxError(source) : { line: 1, message: TOO_DEEP };
    if (error !== null) syntaxErrors.set(file, error);
    return source;
  };

  const resolve = createResolver(findWorkspace(realRoot), files);
  const imports = new Map<string, Set<string>>();
  const onImport = (fromFile: string, file: string): void => {
    const targets = imports.get(fromFile);
    if (targets === undefined) imports.set(fromFile, new Set([file]));
    else targets.add(file);
  };
  const globalFiles = (): string[] => [
    ...nodeTypes(realRoot, options),
    ...files.filter((file) => DECLARES_GLOBALS.test(text(file))),
  ];

  const relativePaths = new Map<string, string>();
  const relativePath = (file: string): string => {
    const known = relativePaths.get(file);
    if (known !== undefined) return known;
    const path = relative(realRoot, file).split(sep).join('/');
    relativePaths.set(file, path);
    return path;
  };

  return {
    root: realRoot,
    files,
    schemaFiles,
    tooLarge,
    text,
    parse,
    syntaxErrors,
    parsedCount: () => ownParsed,
    resolve(specifier, fromFile) {
      const file = resolve(specifier, fromFile);
      if (file !== null) onImport(fromFile, file);
      return file;
    },
    leadsTo: resolve,
    compilerOptions: options,
    globalFiles,
    imports,
    relativePath,
    siteOf(node) {
      const source = node.getSourceFile();
      const { line } = source.getLineAndCharacterOfPosition(startOf(node, source));
      return { file: relativePath(source.fileName), line: line + 1, node };
    },
    ...createPackageReader(realRoot),
    typed() {
      const scripts = [...parsed.values()]
        .filter((source) => isScript(source))
        .map(({ fileName }) => fileName);
      const globals = [...new Set([...globalFiles(), ...scripts])];
      const program = createLazyProgram({ options, globals, root: realRoot, parse, onImport });
      return {
        isNullChecked,
        checker: program.checker,
        // Of declarations of packages, the program has a tree of its own.
        find: (node) =>
          program.sourceFile(node.getSourceFile().fileName) === node.getSourceFile() ? node : null,
      };
    },
  };
}

/** A call in a chain is where its own method is named, not where the chain begins. */
function startOf(node: ts.Node, source: ts.SourceFile): number {
  const isChained = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);
  return isChained ? node.expression.name.getStart(source) : node.getStart(source);
}
