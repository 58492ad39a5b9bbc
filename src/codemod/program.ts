import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ts, type Project } from '../scan/project.ts';
import { readSql, type SqlStatement } from './sql.ts';

export type FunctionWithBody = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

/** A line of a file, the file relative to the project's root. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The project's sources with types, and the questions that wiring asks of them. */
export interface Program {
  readonly root: string;
  readonly checker: ts.TypeChecker;
  readonly sources: readonly ts.SourceFile[];
  /** By path relative to the root. */
  source(file: string): ts.SourceFile | null;
  place(node: ts.Node): Place;
  /** The project's function that a call runs, or null for packages, interfaces and what cannot be followed. */
  callee(call: ts.CallExpression): FunctionWithBody | null;
  /** Where a function is mentioned, but for its declaration, imports and exports; null if it has no name. */
  references(target: FunctionWithBody): readonly ts.Identifier[] | null;
}

/** `ignoredFolder` (relative to the root) is not looked into: what evtgen wrote there is not the user's code. */
export function openProgram(project: Project, ignoredFolder: string): Program {
  const files = project.files.filter(
    (file) => !project.relativePath(file).startsWith(`${ignoredFolder}/`) && !file.endsWith('.d.ts'),
  );
  const { checker, find } = project.typed();
  const sources = files.flatMap((file) => find(project.parse(file)) ?? []);
  const byFile = new Map(sources.map((source) => [project.relativePath(source.fileName), source]));

  const callee = (call: ts.CallExpression): FunctionWithBody | null => {
    const declaration = checker.getResolvedSignature(call)?.declaration;
    if (declaration === undefined || ts.isJSDocSignature(declaration)) return null;
    if (isFunctionWithBody(declaration)) return isOwn(declaration) ? declaration : null;
    const overloads = symbolAt(checker, call.expression)?.declarations ?? [];
    return (
      overloads.find(
        (overload): overload is FunctionWithBody => isFunctionWithBody(overload) && isOwn(overload),
      ) ?? null
    );
  };
  const isOwn = (node: ts.Node): boolean => sources.includes(node.getSourceFile());

  return {
    root: project.root,
    checker,
    sources,
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
      const mentions = sources
        .filter((source) => !isTest(project.relativePath(source.fileName)))
        .flatMap((source) => identifiers(source, name.text))
        .filter((mention) => mention !== name && !isModuleSyntax(mention));
      // `{ placeOrder }` declares a property by which the function is called as well.
      const shorthands = mentions.filter(({ parent }) => ts.isShorthandPropertyAssignment(parent));
      const declarations: (ts.Node | undefined)[] = [
        own,
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

function symbolAt(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  const symbol = checker.getSymbolAtLocation(name);
  return symbol === undefined ? undefined : withoutAlias(checker, symbol);
}

function shorthandValue(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getShorthandAssignmentValueSymbol(node);
  return symbol === undefined ? undefined : withoutAlias(checker, symbol);
}

function withoutAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

export function isFunctionWithBody(node: ts.Node): node is FunctionWithBody {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The identifier by which a function is called: its own, or that of the variable or property it is the value of. */
function nameOf(target: FunctionWithBody): ts.Identifier | null {
  if (target.name !== undefined && ts.isIdentifier(target.name)) return target.name;
  const { parent } = target;
  if (
    ts.isBinaryExpression(parent) &&
    parent.right === target &&
    ts.isPropertyAccessExpression(parent.left)
  ) {
    return ts.isIdentifier(parent.left.name) ? parent.left.name : null;
  }
  const isValue =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isValue && ts.isIdentifier(parent.name) ? parent.name : null;
}

/** Every node below `root` in source order; functions inside are left out if `isOwnOnly`. */
export function* nodesIn(root: ts.Node, isOwnOnly: boolean): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(root, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    if (!isOwnOnly || !ts.isFunctionLike(child)) yield* nodesIn(child, isOwnOnly);
  }
}

export function callsIn(root: ts.Node, isOwnOnly: boolean): ts.CallExpression[] {
  return [...nodesIn(root, isOwnOnly)].filter(ts.isCallExpression);
}

/** The outermost function that begins on a line; null if there is none, or more than one. */
export function functionAtLine(source: ts.SourceFile, line: number): FunctionWithBody | null {
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: FunctionWithBody[] = [];
  for (const node of nodesIn(source, false)) {
    if (!isFunctionWithBody(node)) continue;
    const starts = [node.getStart(source), nameOf(node)?.getStart(source) ?? node.getStart(source)];
    const isInside = found.some((outer) => outer.pos <= node.pos && node.end <= outer.end);
    if (!isInside && starts.some((start) => lineOf(start) === line)) found.push(node);
  }
  const [only, second] = found;
  return only === undefined || second !== undefined ? null : only;
}

export function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | null {
  return ts.findAncestor(node.parent, ts.isFunctionLike) ?? null;
}

/** The SQL of a `<client>.query(…)` call and who runs it; null for every other call or a text that is not static. */
export function readQuery(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
): { readonly client: string; readonly sql: SqlStatement } | null {
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'query') return null;
  const [first] = call.arguments;
  const text = first === undefined ? null : staticText(checker, first);
  return text === null ? null : { client: expression.expression.getText(), sql: readSql(text) };
}

/** Without the wrappers that only the compiler sees, `await` and parentheses. */
export function bare(expression: ts.Expression): ts.Expression {
  if (
    ts.isAwaitExpression(expression) ||
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isSatisfiesExpression(expression)
  ) {
    return bare(expression.expression);
  }
  return expression;
}

function staticText(checker: ts.TypeChecker, expression: ts.Expression): string | null {
  const value = bare(expression);
  if (ts.isStringLiteralLike(value)) return value.text;
  if (ts.isTemplateExpression(value)) {
    return value.head.text + value.templateSpans.map((span) => `$0${span.literal.text}`).join('');
  }
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [staticText(checker, value.left), staticText(checker, value.right)];
    return left === null || right === null ? null : left + right;
  }
  if (ts.isObjectLiteralExpression(value)) {
    const text = value.properties.find((property) => property.name?.getText() === 'text');
    return text !== undefined && ts.isPropertyAssignment(text) ? staticText(checker, text.initializer) : null;
  }
  if (ts.isIdentifier(value) || ts.isPropertyAccessExpression(value)) {
    const declaration = symbolAt(checker, value)?.valueDeclaration;
    const isConstant =
      declaration !== undefined &&
      (ts.isPropertyAssignment(declaration) ||
        (ts.isVariableDeclaration(declaration) && (declaration.parent.flags & ts.NodeFlags.Const) !== 0));
    return isConstant && declaration.initializer !== undefined
      ? staticText(checker, declaration.initializer)
      : null;
  }
  return null;
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
