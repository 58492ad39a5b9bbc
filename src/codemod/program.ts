import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findTestFiles } from '../scan/files.ts';
import type { Tracing } from '../scan/payload.ts';
import { ts, type Project } from '../scan/project.ts';
import type { JsonSchema } from '../scan/report.ts';
import { entityNamed } from '../scan/rows.ts';
import { abstractionsOf, createImplementations } from './implementations.ts';
import { chainEndingIn, chainOf } from './chain.ts';
import type { DatabaseCall, OpenedTransaction, Orm } from './orms/orm.ts';
import { isFunctionWithBody, nameOf, nodesIn, type FunctionWithBody } from './syntax.ts';
import { createTypes, symbolAt, withoutAlias, type Types } from './types.ts';

/** A line of a file, the file relative to the project's root. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface TestFile {
  /** Relative to the project's root. */
  readonly file: string;
  readonly text: string;
}

/** A view of the project's types, and what the scan knows of values beyond them. */
export type KnownTypes = Pick<Tracing, 'view'> & Partial<Pick<Tracing, 'tracer' | 'entities'>>;

/** The project's sources with types, and the questions that wiring asks of them. */
export interface Program {
  readonly root: string;
  readonly checker: ts.TypeChecker;
  readonly types: Types;
  readonly orms: readonly Orm[];
  readonly sources: readonly ts.SourceFile[];
  /** The project's tests, which are none of its sources. */
  tests(): readonly TestFile[];
  /** By path relative to the root. */
  source(file: string): ts.SourceFile | null;
  place(node: ts.Node): Place;
  /** The project's function that a call runs, or null for packages, interfaces and what cannot be followed. */
  callee(call: ts.CallExpression): FunctionWithBody | null;
  /** What a node does to the database; null if it does nothing that can be seen. */
  read(node: ts.Node): DatabaseCall | null;
  /** The properties that a value is known to have although its type does not tell; null where nothing is known. */
  traced(node: ts.Expression): Readonly<Record<string, JsonSchema>> | null;
  /** What the project's models, tables and schema files say that a table has; null for one that they do not tell of. */
  columns(table: string): readonly string[] | null;
  /** The transaction that a call opens around a function of its own. */
  opened(call: ts.CallExpression): OpenedTransaction | null;
  /** Where a function is mentioned, but for its declaration, imports and exports; null if it has no name. */
  references(target: FunctionWithBody): readonly ts.Identifier[] | null;
}

/**
 * @param ignoredFolder relative to the root; it is not looked into: what evtgen wrote there is not the user's code
 * @param orms the first that knows a call reads it
 * @param tracing what the scan knows of values, where types say nothing
 */
export function openProgram(
  project: Project,
  ignoredFolder: string,
  orms: readonly Orm[],
  tracing?: KnownTypes,
): Program {
  const files = project.files.filter(
    (file) => !project.relativePath(file).startsWith(`${ignoredFolder}/`) && !file.endsWith('.d.ts'),
  );
  const { checker, find } = tracing?.view ?? project.typed();
  const types = createTypes(checker, project.root);
  const sources = files.flatMap((file) => find(project.parse(file)) ?? []);
  const byFile = new Map(sources.map((source) => [project.relativePath(source.fileName), source]));

  const callee = (call: ts.CallExpression): FunctionWithBody | null => {
    const declaration = checker.getResolvedSignature(call)?.declaration;
    if (declaration === undefined || ts.isJSDocSignature(declaration)) {
      const traced = tracing?.tracer?.calledFunction(call) ?? null;
      return traced !== null && isFunctionWithBody(traced) && isOwn(traced) ? traced : null;
    }
    if (isFunctionWithBody(declaration)) return isOwn(declaration) ? declaration : null;
    const overloads = symbolAt(checker, call.expression)?.declarations ?? [];
    const overload = overloads.find((one): one is FunctionWithBody => isFunctionWithBody(one) && isOwn(one));
    return overload ?? implementation(declaration);
  };
  const implementation = createImplementations(checker, sources, (method) =>
    [...nodesIn(method, false)].some((node) => read(node) !== null),
  );
  const own = new Set(sources);
  const isOwn = (node: ts.Node): boolean => own.has(node.getSourceFile());

  const readings = new Map<ts.Node, DatabaseCall | null>();
  const read = (node: ts.Node): DatabaseCall | null => {
    let reading = readings.get(node);
    if (reading === undefined) readings.set(node, (reading = readWith(orms, types, node)));
    return reading;
  };

  let tests: readonly TestFile[] | undefined;
  return {
    root: project.root,
    checker,
    types,
    orms,
    sources,
    tests: () =>
      (tests ??= findTestFiles(project.root)
        .map((path) => ({ file: project.relativePath(path), text: project.text(path) }))
        .filter(({ file }) => !file.startsWith(`${ignoredFolder}/`))),
    read,
    traced(node) {
      const schema = tracing?.tracer?.schemaOf(node);
      return schema?.properties ?? schema?.items?.properties ?? null;
    },
    columns(table) {
      const entity = tracing?.entities === undefined ? undefined : entityNamed(tracing.entities, table);
      return entity?.properties === undefined ? null : Object.keys(entity.properties);
    },
    opened(call) {
      const chain = chainOf(call);
      if (chain === null) return null;
      for (const orm of orms) {
        const transaction = orm.readTransaction?.(types, chain);
        if (transaction != null) return transaction;
      }
      return null;
    },
    source: (file) => byFile.get(file) ?? null,
    place(node) {
      const source = node.getSourceFile();
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      return { file: project.relativePath(source.fileName), line: line + 1 };
    },
    callee,
    references(target) {
      const name = nameOf(target);
      const own = name === null ? undefined : symbolAt(checker, name)?.valueDeclaration;
      if (name === null || own === undefined) return null;
      const abstractions = abstractionsOf(checker, target);
      const mentions = sources
        .filter((source) => !isTest(project.relativePath(source.fileName)))
        .flatMap((source) => identifiers(source, name.text))
        .filter((mention) => mention !== name && !isModuleSyntax(mention))
        .filter(({ parent }) => !abstractions.includes(parent));
      // `{ placeOrder }` declares a property by which the function is called as well.
      const shorthands = mentions.filter(({ parent }) => ts.isShorthandPropertyAssignment(parent));
      const declarations: (ts.Node | undefined)[] = [
        own,
        ...abstractions,
        ...shorthands
          .filter(({ parent }) => shorthandValue(checker, parent)?.valueDeclaration === own)
          .map(({ parent }) => parent),
      ];
      return mentions.filter(
        (mention) =>
          !shorthands.includes(mention) &&
          declarations.includes(symbolAt(checker, mention)?.valueDeclaration),
      );
    },
  };
}

function readWith(orms: readonly Orm[], types: Types, node: ts.Node): DatabaseCall | null {
  const isTemplate = ts.isTaggedTemplateExpression(node);
  if (!isTemplate && !ts.isCallExpression(node)) return null;
  const chain = isTemplate ? null : chainEndingIn(node);
  for (const orm of orms) {
    const reading = isTemplate
      ? orm.readTemplate?.(types, node)
      : chain === null
        ? null
        : orm.readCall(types, chain);
    if (reading != null) return { ...reading, orm, node };
  }
  return null;
}

function shorthandValue(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getShorthandAssignmentValueSymbol(node);
  return symbol === undefined ? undefined : withoutAlias(checker, symbol);
}

function identifiers(source: ts.SourceFile, text: string): ts.Identifier[] {
  if (!source.text.includes(text)) return [];
  return [...nodesIn(source, false)].filter(
    (node): node is ts.Identifier => ts.isIdentifier(node) && node.text === text,
  );
}

function isModuleSyntax({ parent }: ts.Identifier): boolean {
  return (
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isExportAssignment(parent) ||
    isRequired(parent)
  );
}

/** `{ placeOrder }` in `const { placeOrder } = require('./service')`. */
function isRequired(node: ts.Node): boolean {
  if (!ts.isBindingElement(node) || !ts.isVariableDeclaration(node.parent.parent)) return false;
  const value = node.parent.parent.initializer;
  return value !== undefined && ts.isCallExpression(value) && value.expression.getText() === 'require';
}

function isTest(file: string): boolean {
  return /(^|\/)(tests?|__tests__|specs?)\/|\.(test|spec)\.[cm]?[jt]sx?$/.test(file);
}

/** Whether the user's compiler takes every element access for possibly undefined. */
export function isIndexChecked(root: string): boolean {
  const file = join(root, 'tsconfig.json');
  if (!existsSync(file)) return false;
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  const own = { ...(config as object), files: [], include: [] };
  return ts.parseJsonConfigFileContent(own, ts.sys, dirname(file)).options.noUncheckedIndexedAccess === true;
}
