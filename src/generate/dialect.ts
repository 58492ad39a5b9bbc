import { join, posix } from 'node:path';
import { ts, type Project } from '../scan/project.ts';
import { EvtgenError } from '../ui/errors.ts';
import { isJavaScript, javaScriptDialect } from './javascript-dialect.ts';
import { readCompilerOptions, tsconfigOf } from './tsconfig.ts';
import { withDefaults } from './typescript-version.ts';

/** How the files of this project are named; `.ts` stands for TypeScript. */
export type FileEnding = '.ts' | '.js' | '.mjs' | '.cjs';

/** How relative imports of those files end. */
export type SpecifierEnding = FileEnding | '';

/** How a module is loaded: by `import` or by `require`. */
export type ModuleFormat = 'esm' | 'cjs';

/** What of the language and its many settings shows in emitted code. */
export interface Dialect {
  readonly fileEnding: FileEnding;
  readonly specifierEnding: SpecifierEnding;
  readonly moduleFormat: ModuleFormat;
  /** Null and undefined are types of their own. Without that, zod infers nullable properties as optional. */
  readonly isStrict: boolean;
  /** The comment that goes above `eslint-disable`, where the team's ESLint asks for one. */
  readonly lintComment?: string | undefined;
  /** Libraries that emitted code needs and the project's settings leave out. */
  readonly missingLibs: readonly string[];
}

/**
 * @param packageType `type` of the nearest package.json.
 * @param output the folder that is written to, relative to the project.
 * @throws EvtgenError `unsupported_module_settings`, `invalid_tsconfig` or `no_tsconfig`.
 */
export function detectDialect(project: Project, packageType: string | undefined, output: string): Dialect {
  const { root } = project;
  // One above the folder is for the TypeScript of others too.
  const hasTsconfig = tsconfigOf(root) === join(root, 'tsconfig.json');
  if (isJavaScript(project, hasTsconfig)) return javaScriptDialect(project, packageType);
  const options = withDefaults(readCompilerOptions(root, join(root, output, 'setup.ts')), root);
  const moduleFormat = formatOf(options, packageType);
  if (moduleFormat === 'cjs' && options.verbatimModuleSyntax === true) {
    throw new EvtgenError(
      'unsupported_module_settings',
      'tsconfig.json: verbatimModuleSyntax allows no import statements in CommonJS files (TS1287)',
      { hint: 'set "type": "module" in package.json, or turn verbatimModuleSyntax off' },
    );
  }
  return {
    fileEnding: '.ts',
    specifierEnding: endingOf(project, options, moduleFormat),
    moduleFormat,
    isStrict: options.strictNullChecks ?? options.strict === true,
    missingLibs: missingLibs(options),
  };
}

/** Turns `./emit.ts`, as evtgen writes it, into the project's style. */
export function specifierIn(dialect: Dialect, specifier: string): string {
  const isShort = dialect.fileEnding !== '.ts' && dialect.specifierEnding === '';
  return specifier.replace(isShort ? /\.[jt]s$/ : /\.ts$/, dialect.specifierEnding);
}

/** How one file of the project imports another; both relative to the project, with forward slashes. */
export function moduleSpecifier(dialect: Dialect, fromFile: string, toFile: string): string {
  return specifierIn(dialect, relativeModule(fromFile, toFile));
}

/** As `moduleSpecifier`, with the ending of the file's own name. */
export function relativeModule(fromFile: string, toFile: string): string {
  const path = posix.relative(posix.dirname(fromFile), toFile);
  return path.startsWith('.') ? path : `./${path}`;
}

/** ES2022 for the code itself; what iterates over web `Headers` must not be kept from it by half of the DOM. */
function missingLibs({ lib, target = ts.ScriptTarget.ES5 }: ts.CompilerOptions): string[] {
  if (lib === undefined) return target >= ts.ScriptTarget.ES2022 ? [] : ['es2022'];
  const names = lib.map((name) => name.replace(/^lib\.|\.d\.ts$/g, ''));
  const hasES2022 = names.some((name) => name === 'esnext' || /^es20(?:2[2-9]|[3-9]\d)$/.test(name));
  const isHalfDom = names.includes('dom') && !names.includes('dom.iterable');
  return [...(hasES2022 ? [] : ['es2022']), ...(isHalfDom ? ['dom.iterable'] : [])];
}

function formatOf(options: ts.CompilerOptions, packageType: string | undefined): 'esm' | 'cjs' {
  const { module } = options;
  if (module === ts.ModuleKind.CommonJS) return 'cjs';
  if (module !== undefined && module >= ts.ModuleKind.Node16 && module <= ts.ModuleKind.NodeNext) {
    return packageType === 'module' ? 'esm' : 'cjs';
  }
  return 'esm';
}

/**
 * The project's own imports are the best evidence of what its compiler, bundler and test runner resolve;
 * the settings decide only where there are none.
 */
function endingOf(
  project: Project,
  options: ts.CompilerOptions,
  moduleFormat: 'esm' | 'cjs',
): SpecifierEnding {
  const votes = { '.js': 0, '.ts': 0, '': 0 };
  for (const file of project.files.filter((path) => /\.[cm]?tsx?$/.test(path))) {
    for (const { fileName } of ts.preProcessFile(project.text(file), true, true).importedFiles) {
      const ending = fileName.startsWith('.') ? voteOf(fileName) : undefined;
      if (ending !== undefined) votes[ending] += 1;
    }
  }
  const [winner] = (Object.keys(votes) as (keyof typeof votes)[]).sort((a, b) => votes[b] - votes[a]);
  if (winner !== undefined && votes[winner] > 0) return winner;
  if (options.allowImportingTsExtensions === true || options.rewriteRelativeImportExtensions === true) {
    return '.ts';
  }
  const isBundler = options.moduleResolution === ts.ModuleResolutionKind.Bundler;
  return moduleFormat === 'cjs' || isBundler ? '' : '.js';
}

function voteOf(specifier: string): '.js' | '.ts' | '' | undefined {
  const ending = /\.([cm]?[jt]sx?|json|css|svg|node|graphql|html)$/.exec(specifier)?.[1];
  if (ending === undefined) return '';
  if (ending === 'js') return '.js';
  return ending === 'ts' ? '.ts' : undefined;
}
