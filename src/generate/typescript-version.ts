import { installedVersion, knownVersion } from '../scan/package-version.ts';
import { ts } from '../scan/project.ts';
import { compareVersions } from './kernel-version.ts';

/** The first one whose settings, where they are left out, stand for modern code: modules of ES, strict, ES2025. */
const MODERN = 6;
/** The first one that the generated code is checked with. */
const OLDEST = '5.4';

/**
 * Options with what the project's TypeScript takes for those that are left out.
 * @see https://www.typescriptlang.org/docs/handbook/release-notes/typescript-6-0.html
 */
export function withDefaults(options: ts.CompilerOptions, root: string): ts.CompilerOptions {
  const isModern = isModernTypeScript(root);
  const target = options.target ?? (isModern ? ts.ScriptTarget.ES2025 : ts.ScriptTarget.ES5);
  const module = target >= ts.ScriptTarget.ES2015 ? ts.ModuleKind.ES2015 : ts.ModuleKind.CommonJS;
  return { ...options, target, module: options.module ?? module, strict: options.strict ?? isModern };
}

/** An unknown one counts as such. */
export function isModernTypeScript(root: string): boolean {
  return (majorVersion(root) ?? MODERN) >= MODERN;
}

/** What somebody has to know whose TypeScript cannot read the generated code. */
export function oldTypeScriptWarning(root: string): string | undefined {
  const installed = installedVersion(root, 'typescript');
  if (installed === undefined || compareVersions(installed, OLDEST) >= 0) return undefined;
  return `TypeScript ${installed} is installed, and the generated code needs ${OLDEST} or newer`;
}

function majorVersion(root: string): number | undefined {
  const major = /\d+/.exec(knownVersion(root, 'typescript') ?? '')?.[0];
  return major === undefined ? undefined : Number(major);
}
