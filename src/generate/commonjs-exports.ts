import { ts } from '../scan/project.ts';

/** Exported name by local name, of `module.exports = { a, b: c }`, `exports.a = b` and `module.exports = a`. */
export function commonJsExports(source: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right, operatorToken } = statement.expression;
    if (operatorToken.kind !== ts.SyntaxKind.EqualsToken) continue;
    const target = left.getText(source);
    if (target !== 'module.exports') {
      const name = /^(?:module\.)?exports\.(\w+)$/.exec(target)?.[1];
      if (name !== undefined && ts.isIdentifier(right)) names.set(right.text, name);
    } else if (ts.isIdentifier(right)) {
      names.set(right.text, 'default');
    } else if (ts.isObjectLiteralExpression(right)) {
      for (const property of right.properties) {
        if (ts.isShorthandPropertyAssignment(property)) names.set(property.name.text, property.name.text);
        if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.initializer)) {
          names.set(property.initializer.text, property.name.getText(source));
        }
      }
    }
  }
  return names;
}
