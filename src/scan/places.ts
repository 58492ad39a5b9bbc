import { ts, type Project } from './project.ts';

/** A place in the project, relative to its root, with what is written there. */
export interface Place {
  readonly file: string;
  readonly line: number;
  /** The source there, on one line and cut. */
  readonly source: string;
}

const MAX_SOURCE_LENGTH = 80;

/** Reads the places of a project, which is the scanned folder or in a folder of it. */
export interface PlaceReader {
  at(node: ts.Node): Place;
}

/** @param folder of the project, relative to the scanned folder; empty for that folder itself. */
export function createPlaceReader(project: Project, folder: string): PlaceReader {
  const prefix = folder === '' ? '' : `${folder}/`;
  return {
    at(node) {
      const { file, line } = project.siteOf(node);
      return { file: `${prefix}${file}`, line, source: sourceOf(node) };
    },
  };
}

/** Of a function, class or call chain only what tells it from others. */
function sourceOf(node: ts.Node): string {
  const { text } = node.getSourceFile();
  const isCall = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);
  // Of `router.get(…).post(…)` what is meant is the last call.
  const start =
    isCall && ts.isCallExpression(node.expression.expression)
      ? node.expression.name.getStart()
      : node.getStart();
  if (ts.isSourceFile(node)) return '';
  const end = endOfHead(node);
  const words = text.slice(start, end).replaceAll(/\s+/g, ' ').trim();
  const plain = isCallWithFunction(node) ? `${words}…)` : words;
  return plain.length > MAX_SOURCE_LENGTH ? `${plain.slice(0, MAX_SOURCE_LENGTH - 1)}…` : plain;
}

/** Where the part of a declaration or call begins that is about something else: a body, a handler. */
function endOfHead(node: ts.Node): number {
  if (isCallWithFunction(node)) return functionIn(node)?.getStart() ?? node.end;
  if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node)) return node.members.pos - 1;
  if (ts.isFunctionLike(node) && 'body' in node) return node.body?.pos ?? node.end;
  return node.end;
}

function isCallWithFunction(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && functionIn(node) !== undefined;
}

/** The first argument that is a function, or that wraps one. */
function functionIn(node: ts.CallExpression): ts.Node | undefined {
  const isFunction = (argument: ts.Node): boolean =>
    ts.isArrowFunction(argument) || ts.isFunctionExpression(argument);
  for (const argument of node.arguments) {
    if (isFunction(argument)) return argument;
    if (ts.isCallExpression(argument)) {
      const inner = functionIn(argument);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** The name under which a value is declared: of a variable, a property, a member of an enum. */
export function declaredName(node: ts.Node): string | null {
  for (let { parent } = node; parent !== undefined; { parent } = parent) {
    if (
      ts.isVariableDeclaration(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isEnumMember(parent) ||
      ts.isParameter(parent)
    ) {
      return parent.name.getText();
    }
    const isThrough =
      ts.isBinaryExpression(parent) || ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent);
    if (!isThrough) return null;
  }
  return null;
}
