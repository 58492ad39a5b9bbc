import { dirname, join, posix } from 'node:path';
import { ts, type Project } from '../scan/project.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import { extendImport, insertImport, type Insertion } from './insert.ts';
import type { Program } from './program.ts';
import { nodesIn } from './syntax.ts';

/** The emitter that the emitted `setup` module exports. */
export const EVENTS = 'events';
/** What it is called where the file has that name for something else. */
const OTHER_NAMES = ['domainEvents', 'outboxEvents'];

export type EventsImport =
  | ImportedEvents
  /** Every name for it stands for something else in the file. */
  | { readonly kind: 'taken' };

export interface ImportedEvents {
  readonly kind: 'import';
  /** What the emitter is called in the file. */
  readonly name: string;
  /** The import written out. */
  readonly code: string;
  /** Null if the file imports it already. */
  readonly insertion: Insertion | null;
}

export interface EventsTarget {
  readonly project: Project;
  readonly output: string;
  readonly specifierEnding: SpecifierEnding;
  /** The emitter is a provider of NestJS. */
  readonly isInjected: boolean;
}

export function eventsImport(program: Program, target: EventsTarget, source: ts.SourceFile): EventsImport {
  const specifier = specifierFor(program, target, source, 'setup');
  const codeFor = (binding: string): Insertion => insertImport(source, binding, specifier);
  const isOfSetup = (from: ts.Expression): boolean => isSetup(target, source, from);
  const names = source.statements.flatMap((statement) => namesTakenFrom(statement, isOfSetup));
  const known = names.find(({ original }) => original === EVENTS);
  if (known !== undefined) {
    return { kind: 'import', name: known.local, code: codeFor(EVENTS).text.trim(), insertion: null };
  }
  const free = [EVENTS, ...OTHER_NAMES].find((name) => !isTaken(source, name));
  if (free === undefined) return { kind: 'taken' };
  const binding = free === EVENTS ? EVENTS : `${EVENTS} as ${free}`;
  const insertion = codeFor(binding);
  const open = source.statements
    .filter(ts.isImportDeclaration)
    .filter(({ moduleSpecifier }) => isOfSetup(moduleSpecifier))
    .map(({ importClause }) =>
      importClause?.phaseModifier === undefined ? importClause?.namedBindings : undefined,
    )
    .find((bindings) => bindings !== undefined && ts.isNamedImports(bindings));
  const isExtended = open !== undefined && ts.isNamedImports(open);
  return {
    kind: 'import',
    name: free,
    code: insertion.text.trim(),
    insertion: isExtended ? extendImport(open, binding) : insertion,
  };
}

/** What a statement imports or requires by name from a module. */
function namesTakenFrom(
  statement: ts.Statement,
  isModule: (specifier: ts.Expression) => boolean,
): { original: string; local: string }[] {
  if (ts.isImportDeclaration(statement)) {
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings) || !isModule(statement.moduleSpecifier))
      return [];
    if (statement.importClause?.phaseModifier !== undefined) return [];
    return bindings.elements.map(({ name, propertyName }) => ({
      original: (propertyName ?? name).text,
      local: name.text,
    }));
  }
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
    if (!ts.isObjectBindingPattern(name) || initializer === undefined || !ts.isCallExpression(initializer))
      return [];
    const [specifier] = initializer.arguments;
    if (initializer.expression.getText() !== 'require' || specifier === undefined || !isModule(specifier))
      return [];
    return name.elements.map((element) => ({
      original: (element.propertyName ?? element.name).getText(),
      local: element.name.getText(),
    }));
  });
}

function isSetup(
  { project, output }: EventsTarget,
  source: ts.SourceFile,
  specifier: ts.Expression,
): boolean {
  if (!ts.isStringLiteral(specifier)) return false;
  const { text } = specifier;
  const file = text.startsWith('.')
    ? join(dirname(source.fileName), text)
    : project.resolve(text, source.fileName);
  return file !== null && withoutEnding(project.relativePath(file)) === `${output}/setup`;
}

/** How a file imports an emitted module. */
export function specifierFor(
  program: Program,
  { output, specifierEnding }: EventsTarget,
  source: ts.SourceFile,
  module: string,
): string {
  const path = posix.relative(posix.dirname(program.place(source).file), `${output}/${module}`);
  return `${path.startsWith('.') ? '' : './'}${path}${endingIn(source) ?? specifierEnding}`;
}

/** How the file's own relative imports end. */
export function endingIn(source: ts.SourceFile): string | null {
  const specifiers = source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''));
  const own = specifiers.find(
    (specifier) => /^\.\.?\/.*[^./]$/.test(specifier) && !/\.(json|css)$/.test(specifier),
  );
  return own === undefined ? null : (/\.(js|ts)$/.exec(own)?.[0] ?? '');
}

/** Whether a file has a name for something of its own. */
export function isTaken(source: ts.SourceFile, name: string): boolean {
  for (const node of nodesIn(source, false)) {
    if (!ts.isIdentifier(node) || node.text !== name) continue;
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
