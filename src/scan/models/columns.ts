import { ts } from '../project.ts';
import type { JsonSchema } from '../report.ts';
import { anyOf } from '../schemas.ts';

/** Where the tables and models of a data access package are written. Each is one file, listed in `index.ts`. */
export interface ModelReader {
  /** A cheap sign of them in a source text. */
  readonly sign: RegExp;
  read(source: ts.SourceFile): readonly NamedModel[];
}

export interface NamedModel {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Columns to add to a model of that name instead of replacing it. */
  readonly isAddition?: boolean;
}

export function propertiesOf(node: ts.ObjectLiteralExpression): [string, ts.Expression][] {
  return node.properties.flatMap((property): [string, ts.Expression][] => {
    if (!ts.isPropertyAssignment(property)) {
      return ts.isShorthandPropertyAssignment(property) ? [[property.name.text, property.name]] : [];
    }
    const { name } = property;
    const isPlain = ts.isIdentifier(name) || ts.isStringLiteral(name);
    return isPlain ? [[name.text, property.initializer]] : [];
  });
}

export function propertyNamed(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  return propertiesOf(node).find(([key]) => key === name)?.[1];
}

export function isTrue(node: ts.Expression | undefined): boolean {
  return node?.kind === ts.SyntaxKind.TrueKeyword;
}

export function isFalse(node: ts.Expression | undefined): boolean {
  return node?.kind === ts.SyntaxKind.FalseKeyword;
}

/** An enumeration of strings; any string where its values are written elsewhere. */
export function enumOf(nodes: readonly ts.Expression[]): JsonSchema {
  const items = nodes.flatMap((node) => (ts.isArrayLiteralExpression(node) ? [...node.elements] : [node]));
  const isLiteral = items.length > 0 && items.every((item) => ts.isStringLiteralLike(item));
  if (!isLiteral) return { type: 'string' };
  const values = items.flatMap((item) => (ts.isStringLiteralLike(item) ? [{ const: item.text }] : []));
  const schema = anyOf(values);
  return schema.const === undefined ? schema : { type: 'string', enum: [schema.const] };
}

/** Every call in a file, outer ones first. */
export function callsIn(node: ts.Node): (ts.CallExpression | ts.NewExpression)[] {
  const found: (ts.CallExpression | ts.NewExpression)[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isCallExpression(child) || ts.isNewExpression(child)) found.push(child);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

export function textOf(node: ts.Expression | undefined): string | null {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;
}

export function methodOf(call: ts.CallExpression | ts.NewExpression): string {
  const callee = call.expression;
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isIdentifier(callee) ? callee.text : '';
}
