import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import type { RouteMount } from '../routes/index.ts';
import { ts, type Project } from '../scan/project.ts';
import { commonJsExports } from './commonjs-exports.ts';

/** An exported pool of `pg`, or client of postgres.js, of the project. */
export interface DatabaseExport {
  readonly driver: 'pg' | 'postgres';
  /** Relative to the project. */
  readonly file: string;
  readonly name: string;
  readonly isDefault: boolean;
}

/** Where the routes are best mounted. */
export interface MountPlace {
  readonly file: string;
  readonly line: number;
  /** The variable that holds the application. */
  readonly app: string;
  /** What it is told. */
  readonly method: Wire['method'];
}

type Wire = NonNullable<RouteMount['wire']>;

/** The project's pool or client, if it exports exactly one; with several, nobody but the user knows which. */
export function findDatabase(project: Project): DatabaseExport | undefined {
  const exports = project.files
    .filter(
      (file) =>
        /\bPool\s*\(|['"]postgres['"]/.test(project.text(file)) && isProductCode(project.relativePath(file)),
    )
    .flatMap((file) => databasesIn(project.parse(file), project.relativePath(file)));
  return exports.length === 1 ? exports[0] : undefined;
}

/**
 * The line after which `app.use(eventRoutes)` belongs: the last plugin, middleware or router that the application is
 * given, so that what they set goes out with our answers too; else the line that creates it. In Express only those
 * under a path and those that are routers count, so that a closing 404 handler stays behind.
 * @param wire undefined where a person has to mount them
 */
export function findMountPlace(project: Project, wire: Wire | undefined): MountPlace | undefined {
  if (wire === undefined) return undefined;
  for (const file of project.files) {
    if (!isProductCode(project.relativePath(file))) continue;
    const place = mountPlaceIn(project.parse(file), project.relativePath(file), wire);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Whether code has the name, as what is mounted has to be imported under its own; comments and texts do not count. */
export function isNamed(project: Project, name: string): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  const has = (node: ts.Node): boolean =>
    ts.isIdentifier(node) ? node.text === name : ts.forEachChild(node, has) === true;
  return project.files.some((file) => word.test(project.text(file)) && has(project.parse(file)));
}

/** Whether the sources, or what else a root says of settings, have a name anywhere. */
export function isWritten(project: Project, name: string): boolean {
  const settings = /^(?:\.env|env\b|(?:docker-)?compose\b|README)/i;
  const beside = readdirSync(project.root).filter((file) => settings.test(file));
  return (
    project.files.some((file) => project.text(file).includes(name)) ||
    beside.some((file) => readTextIfPresent(join(project.root, file))?.includes(name) === true)
  );
}

function isProductCode(path: string): boolean {
  return !/(^|\/)(tests?|__tests__|spec|e2e|examples?)\/|\.(test|spec)\.[cm]?[jt]sx?$/.test(path);
}

function databasesIn(source: ts.SourceFile, file: string): DatabaseExport[] {
  const exported = exportedNames(source);
  const postgresJs = postgresJsName(source);
  const databases: DatabaseExport[] = [];
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || initializer === undefined) continue;
      const isPool = isNewPool(initializer) && speaksPg(source, initializer);
      if (!isPool && !(postgresJs !== undefined && isCallOf(initializer, postgresJs))) continue;
      if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) exported.set(name.text, name.text);
      const exportName = exported.get(name.text);
      if (exportName === undefined) continue;
      const isDefault = exportName === 'default';
      const driver = isPool ? 'pg' : 'postgres';
      databases.push({ driver, file, name: isDefault ? name.text : exportName, isDefault });
    }
  }
  return databases;
}

/** What a file calls the default export of postgres.js. */
function postgresJsName(source: ts.SourceFile): string | undefined {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    if (statement.moduleSpecifier.text === 'postgres') return statement.importClause?.name?.text;
  }
  return undefined;
}

function isCallOf(node: ts.Node, name: string): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
}

/** Exported name by local name, of `export { a as b }` and `export default a`, and of CommonJS. */
function exportedNames(source: ts.SourceFile): Map<string, string> {
  const names = commonJsExports(source);
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression)) {
      names.set(statement.expression.text, 'default');
    }
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (clause === undefined || !ts.isNamedExports(clause)) continue;
    for (const { name, propertyName } of clause.elements) names.set((propertyName ?? name).text, name.text);
  }
  return names;
}

function isNewPool(node: ts.Expression): node is ts.NewExpression {
  if (!ts.isNewExpression(node)) return false;
  const { expression } = node;
  return ts.isPropertyAccessExpression(expression)
    ? expression.name.text === 'Pool'
    : ts.isIdentifier(expression) && expression.text === 'Pool';
}

/** Packages whose `Pool` is that of pg, or one like it. */
const PG_POOLS: ReadonlySet<string> = new Set([
  'pg',
  'pg-pool',
  '@neondatabase/serverless',
  '@vercel/postgres',
]);

/** False for the pool of another package, such as undici; the project's own files may hand on that of pg. */
function speaksPg(source: ts.SourceFile, node: ts.NewExpression): boolean {
  const name = /^\w+/.exec(node.expression.getText(source))?.[0] ?? '';
  const imported = new RegExp(
    `\\b(?:import|const|let|var)\\b[^;]*?\\b${name}\\b[^;'"]*?(?:\\bfrom\\s*|\\brequire\\(\\s*)['"]([^'"]+)['"]`,
  );
  const from = imported.exec(source.text)?.[1];
  return from === undefined || from.startsWith('.') || PG_POOLS.has(from);
}

function hasModifier(statement: ts.VariableStatement, kind: ts.SyntaxKind): boolean {
  return statement.modifiers?.some((modifier) => modifier.kind === kind) === true;
}

function mountPlaceIn(source: ts.SourceFile, file: string, wire: Wire): MountPlace | undefined {
  let app: string | undefined;
  let place = 0;
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      isMade(node.initializer, wire.maker)
    ) {
      app ??= node.name.text;
      place = Math.max(place, node.end);
    }
    if (app !== undefined && isMount(node, app, wire)) place = node.end;
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (app === undefined) return undefined;
  return { file, line: source.getLineAndCharacterOfPosition(place).line + 1, app, method: wire.method };
}

/** `express()`, `new Koa()`. */
function isMade(node: ts.Expression | undefined, maker: RegExp): boolean {
  if (node === undefined || !(ts.isCallExpression(node) || ts.isNewExpression(node))) return false;
  return ts.isIdentifier(node.expression) && maker.test(node.expression.text);
}

/** In Express `app.use('/path', …)` or `app.use(router)`, but no middleware made on the spot; elsewhere all of them. */
function isMount(node: ts.Node, app: string, { maker, method }: Wire): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression: target, name } = node.expression;
  if (!ts.isIdentifier(target) || target.text !== app) return false;
  if (!maker.test('express')) return name.text === method || name.text === 'route';
  if (name.text !== 'use') return false;
  const [first] = node.arguments;
  return (
    first !== undefined &&
    (ts.isStringLiteralLike(first) || (ts.isIdentifier(first) && /rout/i.test(first.text)))
  );
}
