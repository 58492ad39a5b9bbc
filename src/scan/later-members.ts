import { ts } from './project.ts';
import { isHollow } from './origins.ts';
import type { JsonSchema } from './report.ts';
import { isKnown, merge, objectSchema, propertyOf, withoutConst } from './schemas.ts';

/** The schema of a variable with what its object is given after it was made. */
export function withLaterMembers(
  schema: JsonSchema,
  symbol: ts.Symbol | undefined,
  schemaOf: (value: ts.Expression) => JsonSchema,
): JsonSchema {
  const declaration = symbol?.valueDeclaration;
  const isOpen = schema.properties !== undefined || isHollow(schema);
  if (!isOpen || declaration === undefined || !ts.isVariableDeclaration(declaration)) return schema;
  const added = membersAssignedTo(declaration).filter(({ name }) => {
    const known = propertyOf(schema, name);
    return !isKnown(known) || known.type === 'null';
  });
  if (added.length === 0) return schema;
  const later = objectSchema(
    Object.fromEntries(added.map(({ name, value }) => [name, withoutConst(schemaOf(value))])),
    [],
  );
  return schema.properties === undefined ? later : merge([schema, later]);
}

interface Assigned {
  readonly name: string;
  readonly value: ts.Expression;
}

/** What an object that begins as a literal is given later: `const answer = { id }; if (note) answer.note = note`. */
function membersAssignedTo(declaration: ts.VariableDeclaration): Assigned[] {
  const { name: declared, initializer } = declaration;
  if (!ts.isIdentifier(declared) || initializer === undefined) return [];
  let literal = initializer;
  while (ts.isAsExpression(literal) || ts.isParenthesizedExpression(literal)) literal = literal.expression;
  if (!ts.isObjectLiteralExpression(literal)) return [];
  const found: Assigned[] = [];
  const visit = (node: ts.Node): void => {
    const isAssignment = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    if (isAssignment && isMember(node.left)) {
      const { expression, name } = node.left;
      if (ts.isIdentifier(expression) && expression.text === declared.text) {
        found.push({ name: name.text, value: node.right });
      }
    }
    ts.forEachChild(node, visit);
  };
  let owner: ts.Node = declaration;
  while (!ts.isFunctionLike(owner) && !ts.isSourceFile(owner)) owner = owner.parent;
  if (!ts.isSourceFile(owner)) visit(owner);
  return found;
}

function isMember(
  node: ts.Expression,
): node is ts.PropertyAccessExpression & { readonly name: ts.Identifier } {
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name);
}
