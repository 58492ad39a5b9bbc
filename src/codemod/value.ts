import { ts } from '../scan/project.ts';
import { isGuard } from './absence.ts';
import type { DatabaseCall } from './orms/orm.ts';
import { remaining } from './rows.ts';
import { bare, nodesIn, rootOf } from './syntax.ts';

/** What a database call gives back, as the code around it uses it. */
export interface Value {
  /** With `await`, and the steps to its row: `(await db.insert(…).returning())[0]`. */
  readonly node: ts.Expression;
  readonly isAwaited: boolean;
  /**
   * - `declared`: `const order = await …`
   * - `returned`: `return …`
   * - `body`: `() => …`
   * - `alone`: a statement that makes no use of it
   * - `inner`: an argument, or another part of an expression that is always evaluated
   */
  readonly context: 'declared' | 'returned' | 'body' | 'alone' | 'inner';
  readonly binding: ts.BindingName | null;
  readonly statement: ts.Statement | null;
  /** `return order`, with nothing between it and what declares it but a `throw` where there is none. */
  readonly exit: ts.ReturnStatement | null;
  /** The steps from the value to the row; null where it holds none. */
  readonly rowPath: readonly string[] | null;
}

export function valueOf(call: DatabaseCall): Value | { readonly reason: string } {
  const path = 'rowPath' in call.effect ? call.effect.rowPath : null;
  const isAwaited = ts.isAwaitExpression(call.node.parent);
  let node: ts.Expression = ts.isAwaitExpression(call.node.parent) ? call.node.parent : call.node;
  const steps: string[] = [];
  for (let outer: ts.Node = node.parent; ; outer = node.parent) {
    // A promise has no steps to a row.
    if (!isAwaited) break;
    const step = stepOf(outer, node);
    if (step !== null && path?.[steps.length] === step) steps.push(step);
    else if (!isWrapper(outer)) break;
    node = outer as ts.Expression;
  }
  const { parent } = node;
  const rowPath = remaining(path, steps);
  const place = { node, isAwaited, rowPath, binding: null, exit: null };
  if (ts.isReturnStatement(parent)) return { ...place, context: 'returned', statement: parent };
  if (ts.isArrowFunction(parent) && parent.body === node)
    return { ...place, context: 'body', statement: null };
  if (!isAwaited) return { reason: 'the write is not awaited where it stands' };
  if (ts.isExpressionStatement(parent)) return { ...place, context: 'alone', statement: parent };
  if (ts.isVariableDeclaration(parent) && ts.isVariableStatement(parent.parent.parent)) {
    const statement = parent.parent.parent;
    if (statement.declarationList.declarations.length > 1) {
      return { reason: 'the write stands among other declarations' };
    }
    const exit = exitAfter(statement, parent.name);
    return { ...place, context: 'declared', binding: parent.name, statement, exit };
  }
  return isEvaluated(node)
    ? { ...place, context: 'inner', statement: null }
    : { reason: 'the write is a part of an expression that may not reach it' };
}

function exitAfter(statement: ts.VariableStatement, binding: ts.BindingName): ts.ReturnStatement | null {
  const { parent } = statement;
  const isScoped = (statement.declarationList.flags & ts.NodeFlags.BlockScoped) !== 0;
  if (!ts.isBlock(parent) || !isScoped) return null;
  const following = parent.statements.slice(parent.statements.indexOf(statement) + 1);
  const names = ts.isIdentifier(binding)
    ? [binding.text]
    : [...nodesIn(binding, true)].flatMap((node) =>
        ts.isBindingElement(node) && ts.isIdentifier(node.name) ? [node.name.text] : [],
      );
  const exit = following.find((one) => !isThrowFor(one, names));
  if (exit === undefined || !ts.isReturnStatement(exit) || exit.expression === undefined) return null;
  const { text } = statement.getSourceFile();
  const between = following.slice(0, following.indexOf(exit) + 1);
  const hasComments = between.some((one) => text.slice(one.pos, one.getStart()).trim() !== '');
  const root = rootOf(bare(exit.expression));
  return !hasComments && root !== null && names.includes(root.text) ? exit : null;
}

/** `if (!order) throw …`, by which nothing is changed. */
function isThrowFor(statement: ts.Statement, names: readonly string[]): boolean {
  if (!ts.isIfStatement(statement) || statement.elseStatement !== undefined) return false;
  const { thenStatement } = statement;
  const [only, second] = ts.isBlock(thenStatement) ? thenStatement.statements : [thenStatement];
  const isThrow = only !== undefined && second === undefined && ts.isThrowStatement(only);
  return isThrow && names.some((name) => isGuard(statement, [name, `${name}[0]`]));
}

function stepOf(parent: ts.Node, node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  const isElement = ts.isElementAccessExpression(parent) && parent.expression === node;
  return isElement ? parent.argumentExpression.getText() : null;
}

function isWrapper(node: ts.Node): boolean {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isAwaitExpression(node)
  );
}

/** Whether an expression is evaluated whenever its statement is. */
function isEvaluated(node: ts.Expression): boolean {
  for (let current: ts.Node = node; ; current = current.parent) {
    const { parent } = current;
    if (ts.isStatement(parent) || ts.isVariableDeclaration(parent) || ts.isArrowFunction(parent)) return true;
    const isPlain =
      ts.isCallExpression(parent) ||
      ts.isNewExpression(parent) ||
      ts.isObjectLiteralExpression(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isParenthesizedExpression(parent) ||
      ts.isSpreadAssignment(parent) ||
      ts.isAwaitExpression(parent) ||
      (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken);
    if (!isPlain) return false;
  }
}
