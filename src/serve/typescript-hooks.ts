// https://nodejs.org/api/module.html#customization-hooks
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as compiler from '#compiler';

interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean | undefined;
}

interface Loaded {
  readonly format: string;
  readonly source?: string | NodeJS.ArrayBufferView | ArrayBuffer | undefined;
  readonly shortCircuit?: boolean | undefined;
}

/** From Node.js 22.15 on; `module.register`, which wants a thread of its own, is on its way out there. */
interface SynchronousHooks {
  registerHooks?(hooks: { readonly resolve: typeof resolve; readonly load: typeof load }): unknown;
}

/** What a specifier may end in, and what the file then does. */
const ENDINGS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.mjs$/, ['.mts']],
  [/\.cjs$/, ['.cts']],
  [/\.js$/, ['.ts']],
  [/$/, ['', '.ts', '.mts', '/index.ts']],
];
const TYPESCRIPT = /\.[mc]?ts$/;

/** From Node.js 22.18 on. */
const isReadByNode = Boolean((process.features as { readonly typescript?: string | false }).typescript);

/**
 * Lets this process import TypeScript, also `./retry.ts` by `./retry.js` or `./retry`, which Node.js finds in no
 * version. Where it does not read TypeScript, the compiler of evtgen does. Nothing is checked and nothing is written.
 */
export function importTypeScript(): void {
  const { registerHooks } = nodeModule as SynchronousHooks;
  if (registerHooks === undefined) nodeModule.register(import.meta.url);
  else registerHooks({ resolve, load });
}

/** @public A hook that Node.js finds by this name. */
export function resolve<Context extends { readonly parentURL?: string | undefined }, Next>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Next,
): Next | Resolved {
  const file = typescriptFile(specifier, context.parentURL);
  if (file === undefined) return next(specifier, context);
  return {
    url: pathToFileURL(file).href,
    format: isReadByNode ? 'module-typescript' : 'module',
    shortCircuit: true,
  };
}

/** @public A hook that Node.js finds by this name. */
export function load<Context, Next>(
  url: string,
  context: Context,
  next: (url: string, context: Context) => Next,
): Next | Loaded {
  const isOurs = url.startsWith('file:') && TYPESCRIPT.test(new URL(url).pathname);
  if (isReadByNode || !isOurs) return next(url, context);
  // Half a second and a hundred megabytes.
  const { ts } = nodeModule.createRequire(import.meta.url)('#compiler') as typeof compiler;
  const fileName = fileURLToPath(url);
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}

/** What a relative specifier means, when that is TypeScript; packages have none. */
function typescriptFile(specifier: string, parent: string | undefined): string | undefined {
  if (!/^(?:\.{1,2}\/|file:)/.test(specifier) || parent?.includes('/node_modules/') === true)
    return undefined;
  const path = fileURLToPath(new URL(specifier, parent));
  return ENDINGS.filter(([ending]) => ending.test(path))
    .flatMap(([ending, replacements]) => replacements.map((replacement) => path.replace(ending, replacement)))
    .find((candidate) => TYPESCRIPT.test(candidate) && isFile(candidate));
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
