import { isTooLarge } from './files.ts';
import { ts, type Project } from './project.ts';
import { list, literal, object, unknown, type Value } from './values.ts';

/** What a file of JSON holds; unknown for one that is data rather than settings. */
export function jsonValue(project: Project, file: string): Value {
  if (isTooLarge(file)) return unknown(file);
  const source = ts.parseJsonText(file, project.text(file));
  const [statement] = source.statements;
  return statement === undefined ? unknown(file) : fromJson(statement.expression);
}

function fromJson(node: ts.Expression): Value {
  if (ts.isStringLiteralLike(node)) return literal(node.text);
  if (ts.isNumericLiteral(node)) return literal(Number(node.text));
  if (ts.isArrayLiteralExpression(node)) return list(node.elements.map(fromJson));
  if (ts.isObjectLiteralExpression(node)) {
    return object(
      node.properties.flatMap((property): [string, Value][] =>
        ts.isPropertyAssignment(property) && ts.isStringLiteral(property.name)
          ? [[property.name.text, fromJson(property.initializer)]]
          : [],
      ),
    );
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return literal(true);
  if (node.kind === ts.SyntaxKind.FalseKeyword) return literal(false);
  return literal(null);
}
