// https://papooch.github.io/nestjs-cls/plugins/available-plugins/transactional
import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { nodesIn, type FunctionWithBody } from './syntax.ts';

/**
 * What emit takes in a method that `@Transactional()` runs in a transaction; null where nothing does. With
 * @nestjs-cls/transactional that is `tx` of the host, with typeorm-transactional the manager of any repository.
 */
export function ambientHandle({ types }: Program, method: FunctionWithBody): string | null {
  if (!ts.isMethodDeclaration(method) || !isTransactional(method)) return null;
  let manager: string | null = null;
  for (const node of nodesIn(method.body, false)) {
    if (!ts.isPropertyAccessExpression(node) || node.expression.kind !== ts.SyntaxKind.ThisKeyword) continue;
    if (types.has(node, 'tx', 'withTransaction') === true) return `${node.getText()}.tx`;
    const isOfTypeOrm =
      types.has(node, 'createQueryBuilder', 'manager', 'target') === true ||
      types.has(node, 'createQueryRunner', 'manager') === true;
    if (isOfTypeOrm) manager ??= `${node.getText()}.manager`;
  }
  return manager;
}

function isTransactional(method: ts.MethodDeclaration): boolean {
  return (ts.getDecorators(method) ?? []).some(({ expression }) => {
    const name = ts.isCallExpression(expression) ? expression.expression : expression;
    return ts.isIdentifier(name) && name.text === 'Transactional';
  });
}
