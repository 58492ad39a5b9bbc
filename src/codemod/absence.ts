import { ts } from '../scan/project.ts';
import { bare, enclosingFunction, nodesIn } from './syntax.ts';

/**
 * True if `place` or a statement before it leaves the function when one of the witnesses says that there is no row:
 * `if (!order) throw …`, `if (result.rowCount === 0) return …`.
 */
export function isGuarded(witnesses: readonly string[], place: ts.Statement): boolean {
  const owner = enclosingFunction(place);
  for (let node: ts.Node = place; node !== owner && node.parent !== undefined; node = node.parent) {
    if (!ts.isBlock(node.parent)) continue;
    const { statements } = node.parent;
    const upToNode = statements.slice(0, statements.findIndex((statement) => statement === node) + 1);
    if (upToNode.some((statement) => isGuard(statement, witnesses))) return true;
  }
  return false;
}

/** True if code after `position` asks whether one of the witnesses is there, so that it may well not be. */
export function isQuestioned(witnesses: readonly string[], root: ts.Node, position: number): boolean {
  const isWitness = (expression: ts.Expression): boolean => witnesses.includes(bare(expression).getText());
  for (const node of nodesIn(root, false)) {
    if (node.pos < position) continue;
    if (ts.isPrefixUnaryExpression(node) && isWitness(node.operand)) return true;
    if (ts.isIfStatement(node) && isWitness(node.expression)) return true;
    if (ts.isConditionalExpression(node) && isWitness(node.condition)) return true;
    if (ts.isBinaryExpression(node) && isQuestion(node.operatorToken.kind) && isWitness(node.left))
      return true;
    if (
      ts.isPropertyAccessExpression(node) &&
      node.questionDotToken !== undefined &&
      isWitness(node.expression)
    ) {
      return true;
    }
  }
  return false;
}

/** True if code after `position` asks for the type of a variable, which then may hold something else than a row. */
export function isTypeAsked(name: string, root: ts.Node, position: number): boolean {
  return [...nodesIn(root, false)].some(
    (node) => node.pos >= position && ts.isTypeOfExpression(node) && bare(node.expression).getText() === name,
  );
}

/** True if an exit leaves because a witness is absent. */
export function isAbsenceExit(exit: ts.Statement, witnesses: readonly string[]): boolean {
  const branch = ts.findAncestor(exit, ts.isIfStatement);
  return branch !== undefined && isGuard(branch, witnesses);
}

/** `if (!order) throw …` */
export function isGuard(statement: ts.Statement, witnesses: readonly string[]): boolean {
  if (ts.isIfStatement(statement)) {
    return leaves(statement.thenStatement) && saysAbsent(statement.expression, witnesses);
  }
  if (!ts.isExpressionStatement(statement)) return false;
  const call = bare(statement.expression);
  if (!ts.isCallExpression(call) || !/(^|\.)(assert|invariant)/.test(call.expression.getText())) return false;
  const [claim] = call.arguments;
  return claim !== undefined && witnesses.includes(bare(claim).getText());
}

function leaves(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return last !== undefined && (ts.isThrowStatement(last) || ts.isReturnStatement(last));
}

function saysAbsent(condition: ts.Expression, witnesses: readonly string[]): boolean {
  const expression = ts.isParenthesizedExpression(condition) ? condition.expression : condition;
  if (ts.isPrefixUnaryExpression(expression) && expression.operator === ts.SyntaxKind.ExclamationToken) {
    return witnesses.includes(bare(expression.operand).getText());
  }
  if (!ts.isBinaryExpression(expression)) return false;
  const { left, operatorToken, right } = expression;
  if (operatorToken.kind === ts.SyntaxKind.BarBarToken) {
    return saysAbsent(left, witnesses) || saysAbsent(right, witnesses);
  }
  const test = `${operatorToken.getText()} ${right.getText()}`;
  return /^(===? (undefined|null|0)|< 1|!==? 1)$/.test(test) && witnesses.includes(bare(left).getText());
}

function isQuestion(operator: ts.SyntaxKind): boolean {
  return [
    ts.SyntaxKind.EqualsEqualsToken,
    ts.SyntaxKind.EqualsEqualsEqualsToken,
    ts.SyntaxKind.ExclamationEqualsToken,
    ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ts.SyntaxKind.LessThanToken,
    ts.SyntaxKind.GreaterThanToken,
    ts.SyntaxKind.QuestionQuestionToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.AmpersandAmpersandToken,
  ].includes(operator);
}
