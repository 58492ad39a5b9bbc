import { posix } from 'node:path';
import { ts } from '../scan/project.ts';
import { endingIn } from './events-import.ts';
import { extendImport, insertImport, type Insertion } from './insert.ts';
import type { Wrapping } from './orms/orm.ts';
import { replaced } from './orms/replaced.ts';
import type { Program } from './program.ts';
import { bare, callsIn, isFunctionWithBody, nameOf, nodesIn, type FunctionWithBody } from './syntax.ts';
import { readRunner } from './transaction.ts';
import { symbolAt, withoutAlias } from './types.ts';
import type { WriteCall } from './writes.ts';

/** A function of the project that runs work in a transaction of `pg` and gives its result on. */
export interface OwnRunner {
  readonly target: FunctionWithBody;
  readonly name: string;
  /** What the client is taken from: a variable or member of the project, or the parameter of that number. */
  readonly pool: ts.Symbol | number;
  readonly callbackIndex: number;
}

export const OUTSIDE = 'no transaction is open where the row is written';

/**
 * The project's own way to a transaction, around a write that goes to the very pool of it.
 * @param ending for imports in files without relative ones of their own.
 */
export function wrapInOwnRunner(program: Program, write: WriteCall, ending: string): Wrapping | string {
  const { handleNode } = write;
  if (handleNode === undefined) return OUTSIDE;
  const member = runnersOf(program).find((runner) => isMemberOf(program, runner, handleNode));
  if (member !== undefined && isOfPool(program, member, write)) {
    const owner = isOwnMember(member, handleNode) ? 'this' : handleNode.getText();
    return wrapping(handleNode, `${owner}.${member.name}(`);
  }
  const functions = runnersOf(program).filter(
    (runner) => isFunctionOfModule(runner) && isOfPool(program, runner, write),
  );
  const source = handleNode.getSourceFile();
  const near = functions.filter(({ target, name }) => isNamed(program, source, name, target));
  const [only, second] = near.length > 0 ? near : fewestParameters(functions.filter(isExported));
  if (only === undefined) return OUTSIDE;
  if (second !== undefined) {
    return `the project has several ways to open a transaction: \`${only.name}\`, \`${second.name}\``;
  }
  const open = `${only.name}(${typeof only.pool === 'number' ? `${handleNode.getText()}, ` : ''}`;
  if (near.length > 0) return wrapping(handleNode, open);
  if (isTaken(source, only.name)) return `\`${only.name}\` is already another name in this file`;
  return wrapping(handleNode, open, [importOf(program, source, only, ending)]);
}

/** In the braces of what the file imports from there, else on a line of its own. */
function importOf(
  program: Program,
  source: ts.SourceFile,
  { target, name }: OwnRunner,
  ending: string,
): Insertion {
  const module = target.getSourceFile();
  const open = source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return [];
    const isOfModule =
      program.checker.getSymbolAtLocation(statement.moduleSpecifier)?.valueDeclaration === module;
    const bindings = statement.importClause?.namedBindings;
    const isOpen = statement.importClause?.phaseModifier === undefined;
    return isOfModule && isOpen && bindings !== undefined && ts.isNamedImports(bindings) ? [bindings] : [];
  });
  const [first] = open;
  return first === undefined
    ? insertImport(source, name, specifierOf(program, source, module, ending))
    : extendImport(first, name);
}

function wrapping(handleNode: ts.Expression, open: string, imports: Wrapping['imports'] = []): Wrapping {
  return { open, handle: 'client', imports, bind: (handle) => replaced(handleNode, handle) };
}

const known = new WeakMap<Program, readonly OwnRunner[]>();

export function runnersOf(program: Program): readonly OwnRunner[] {
  let runners = known.get(program);
  if (runners === undefined) known.set(program, (runners = findRunners(program)));
  return runners;
}

function findRunners(program: Program): OwnRunner[] {
  return program.sources
    .filter(({ text }) => /\bbegin\b/i.test(text))
    .flatMap((source) => [...nodesIn(source, false)])
    .filter((node) => isFunctionWithBody(node))
    .flatMap((target) => runnerAt(program, target) ?? []);
}

function runnerAt(program: Program, target: FunctionWithBody): OwnRunner | null {
  const name = nameOf(target);
  const runner = target.parameters.length === 0 || name === null ? null : readRunner(program, target);
  if (name === null || runner === null || !givesResultOn(target, runner.callbackIndex)) return null;
  const others = target.parameters.filter((_, index) => index !== runner.callbackIndex);
  const pool = poolOf(program, target);
  if (pool === null) return null;
  const isPoolFirst = pool === 0 && runner.callbackIndex === 1;
  const isFillable = others.every(
    (parameter) =>
      parameter.questionToken !== undefined ||
      parameter.initializer !== undefined ||
      (isPoolFirst && parameter === target.parameters[0]),
  );
  if (!isFillable || (typeof pool === 'number' ? !isPoolFirst : runner.callbackIndex !== 0)) return null;
  return { target, name: name.text, pool, callbackIndex: runner.callbackIndex };
}

/** `return work(client)`, or `const result = await work(client)` and `return result`. */
function givesResultOn({ body, parameters }: FunctionWithBody, callbackIndex: number): boolean {
  const work = parameters[callbackIndex]?.name.getText();
  const isWork = (node: ts.Expression): boolean => {
    const call = bare(node);
    return ts.isCallExpression(call) && call.expression.getText() === work;
  };
  if (!ts.isBlock(body)) return isWork(body);
  const nodes = [...nodesIn(body, true)];
  const results = nodes.flatMap((node) => {
    const isResult =
      ts.isVariableDeclaration(node) && node.initializer !== undefined && isWork(node.initializer);
    return isResult ? [node.name.getText()] : [];
  });
  return nodes.some(
    (node) =>
      ts.isReturnStatement(node) &&
      node.expression !== undefined &&
      (isWork(node.expression) || results.includes(node.expression.getText())),
  );
}

/** What `connect` is called on. */
function poolOf(program: Program, target: FunctionWithBody): ts.Symbol | number | null {
  const [connect] = callsIn(target, true).flatMap(({ expression }) =>
    ts.isPropertyAccessExpression(expression) && expression.name.text === 'connect'
      ? [expression.expression]
      : [],
  );
  if (connect === undefined) return null;
  const index = target.parameters.findIndex(({ name }) => name.getText() === connect.getText());
  return index === -1 ? (symbolAt(program.checker, connect) ?? null) : index;
}

/** Whether a write runs on the pool of a runner, directly or by a function that only hands its query on. */
function isOfPool(program: Program, { pool }: OwnRunner, write: WriteCall): boolean {
  const { handleNode, node } = write;
  if (handleNode === undefined || !ts.isCallExpression(node)) return false;
  const callee = program.callee(node);
  if (callee === null)
    return typeof pool === 'number' ? isPool(program, handleNode) : isAt(program, handleNode, pool);
  return typeof pool !== 'number' && isHandedOnTo(program, callee, pool);
}

/** Whether a function only hands its query on to a pool. */
export function isHandedOnTo(program: Program, target: ts.Node, pool: ts.Symbol): boolean {
  const handedOn = isFunctionWithBody(target) ? handedOnTo(target) : null;
  return handedOn !== null && isAt(program, handedOn, pool);
}

function isAt({ checker }: Program, node: ts.Expression, symbol: ts.Symbol): boolean {
  return symbolAt(checker, node) === symbol;
}

/** Not a client, whose transaction may be open. */
export function isPool({ types }: Program, node: ts.Expression): boolean {
  const [name] = types.names(node);
  if (name !== undefined) return /pool$/i.test(name);
  const value = types.initializer(node);
  if (value !== null && ts.isNewExpression(value)) return /(?:^|\.)Pool$/.test(value.expression.getText());
  return /pool$/i.test(node.getText());
}

/** `pool` of `query(text, values) { return pool.query(text, values) }` */
function handedOnTo({ body }: FunctionWithBody): ts.Expression | null {
  const [only, second] = ts.isBlock(body) ? body.statements : [];
  const value = ts.isBlock(body)
    ? second === undefined && only !== undefined && ts.isReturnStatement(only)
      ? only.expression
      : undefined
    : body;
  const call = value === undefined ? null : bare(value);
  if (call === null || !ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression))
    return null;
  return call.expression.name.text === 'query' ? call.expression.expression : null;
}

/** Whether `db.transaction` is the runner, for a write on `db` or on a member of the runner's own class. */
function isMemberOf({ checker }: Program, runner: OwnRunner, handle: ts.Expression): boolean {
  if (isOwnMember(runner, handle)) return true;
  const property = checker.getPropertyOfType(checker.getTypeAtLocation(handle), runner.name);
  if (property === undefined) return false;
  const declaration = withoutAlias(checker, property).valueDeclaration;
  return declaration !== undefined && (declaration === runner.target || declaration === runner.target.parent);
}

/** `this.pool`, in the class that has the runner. */
function isOwnMember({ target }: OwnRunner, handle: ts.Expression): boolean {
  const isOfThis =
    ts.isPropertyAccessExpression(handle) && handle.expression.kind === ts.SyntaxKind.ThisKeyword;
  return (
    isOfThis && ts.isClassLike(target.parent) && ts.findAncestor(handle, ts.isClassLike) === target.parent
  );
}

/** A function that is called by its name alone. */
function isFunctionOfModule({ target }: OwnRunner): boolean {
  if (ts.isFunctionDeclaration(target)) return ts.isSourceFile(target.parent);
  const declaration = target.parent;
  return ts.isVariableDeclaration(declaration) && ts.isSourceFile(declaration.parent.parent.parent);
}

/** Whether a name of a file stands for a function: declared there, or imported. */
export function isNamed(
  { checker }: Program,
  source: ts.SourceFile,
  name: string,
  target: FunctionWithBody,
): boolean {
  const symbol = checker.resolveName(name, source.endOfFileToken, ts.SymbolFlags.Value, false);
  const declaration = symbol === undefined ? undefined : withoutAlias(checker, symbol).valueDeclaration;
  return declaration !== undefined && (declaration === target || declaration === target.parent);
}

/** By its own name, as ES modules do and what compiles to them. */
function isExported({ target }: OwnRunner): boolean {
  const statement = ts.isFunctionDeclaration(target) ? target : target.parent.parent.parent;
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const kinds = modifiers.map(({ kind }) => kind);
  return kinds.includes(ts.SyntaxKind.ExportKeyword) && !kinds.includes(ts.SyntaxKind.DefaultKeyword);
}

/** `inTransaction(work)` before `withTransaction(pool, work)`, on which it stands. */
function fewestParameters(runners: readonly OwnRunner[]): OwnRunner[] {
  const least = Math.min(...runners.map(({ callbackIndex }) => callbackIndex));
  return runners.filter(({ callbackIndex }) => callbackIndex === least);
}

function isTaken(source: ts.SourceFile, name: string): boolean {
  return [...nodesIn(source, false)].some((node) => ts.isIdentifier(node) && node.text === name);
}

function specifierOf(program: Program, from: ts.SourceFile, to: ts.SourceFile, ending: string): string {
  const target = program.place(to).file.replace(/\.[cm]?[jt]sx?$/, '');
  const path = posix.relative(posix.dirname(program.place(from).file), target);
  return `${path.startsWith('.') ? '' : './'}${path}${endingIn(from) ?? ending}`;
}
