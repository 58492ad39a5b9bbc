import { dirname, join, posix } from 'node:path';
import { ts, type Project } from '../scan/project.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import { extendImport, insertImport, type Insertion } from './insert.ts';
import { nodesIn, type Program } from './program.ts';

/** The emitter that the emitted `setup` module exports. */
export const EVENTS = 'events';

export type EventsImport =
  | {
      readonly kind: 'import';
      /** What the emitter is called in the file. */
      readonly name: string;
      /** The import written out. */
      readonly code: string;
      /** Null if the file imports it already. */
      readonly insertion: Insertion | null;
    }
  /** The name stands for something else in the file. */
  | { readonly kind: 'taken' };

interface Target {
  readonly project: Project;
  readonly output: string;
  readonly specifierEnding: SpecifierEnding;
}

export function eventsImport(program: Program, target: Target, source: ts.SourceFile): EventsImport {
  const specifier = specifierFor(program, target, source);
  const insertion = insertImport(source, EVENTS, specifier);
  const code = insertion.text.trim();
  const existing = source.statements.filter(ts.isImportDeclaration).find((node) => isSetup(target, node));
  const bindings = existing?.importClause?.namedBindings;
  if (
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    existing?.importClause?.phaseModifier === undefined
  ) {
    const known = bindings.elements.find(({ name, propertyName }) => (propertyName ?? name).text === EVENTS);
    if (known !== undefined) return { kind: 'import', name: known.name.text, code, insertion: null };
    if (isTaken(source)) return { kind: 'taken' };
    return { kind: 'import', name: EVENTS, code, insertion: extendImport(bindings, EVENTS) };
  }
  if (isTaken(source)) return { kind: 'taken' };
  return { kind: 'import', name: EVENTS, code, insertion };
}

function isSetup({ project, output }: Target, node: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(node.moduleSpecifier)) return false;
  const { text } = node.moduleSpecifier;
  const from = node.getSourceFile().fileName;
  const file = text.startsWith('.') ? join(dirname(from), text) : project.resolve(text, from);
  return file !== null && withoutEnding(project.relativePath(file)) === `${output}/setup`;
}

function specifierFor(program: Program, { output, specifierEnding }: Target, source: ts.SourceFile): string {
  const path = posix.relative(posix.dirname(program.place(source).file), `${output}/setup`);
  return `${path.startsWith('.') ? '' : './'}${path}${endingIn(source) ?? specifierEnding}`;
}

/** How the file's own relative imports end. */
function endingIn(source: ts.SourceFile): string | null {
  const specifiers = source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''));
  const own = specifiers.find(
    (specifier) => /^\.\.?\/.*[^./]$/.test(specifier) && !/\.(json|css)$/.test(specifier),
  );
  return own === undefined ? null : (/\.(js|ts)$/.exec(own)?.[0] ?? '');
}

function isTaken(source: ts.SourceFile): boolean {
  for (const node of nodesIn(source, false)) {
    if (!ts.isIdentifier(node) || node.text !== EVENTS) continue;
    const { parent } = node;
    const isKey =
      (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
      (ts.isPropertyAssignment(parent) && parent.name === node) ||
      (ts.isBindingElement(parent) && parent.propertyName === node) ||
      (ts.isImportSpecifier(parent) && parent.propertyName === node) ||
      ts.isPropertySignature(parent);
    if (!isKey) return true;
  }
  return false;
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '');
}
