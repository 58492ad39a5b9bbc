import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { FunctionValue, Scope, Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

export const REQUEST = /(?:^|\.)_?(?:req|request)$/i;

/** One pass through a function for one method: what it runs, in order. */
export interface Pass {
  readonly method: string;
  readonly leaves: ts.Node[];
  readonly calls: Map<ts.Node, Value>;
  readonly named: ts.Node[];
  readonly stack: ts.Node[];
  /** How much had run when the method was last asked for; null where it never was. */
  askedAt: number | null;
  listed: readonly MutationMethod[] | null;
  innermost: FunctionValue;
}

/** What a place in a function knows: names of values, and of variables that hold the method or a test of it. */
export interface Place {
  readonly scope: Scope;
  readonly methodNames: Set<string>;
  readonly tests: Map<string, ts.Expression>;
}

/** A condition as the method decides it; null where it does not. */
export function test(node: ts.Expression, place: Place, pass: Pass, routing: Routing): boolean | null {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) {
    return test(node.expression, place, pass, routing);
  }
  if (ts.isElementAccessExpression(node)) return hasEntry(node, place, pass, routing);
  if (ts.isIdentifier(node)) {
    const held = place.tests.get(node.text);
    return held === undefined ? null : test(held, place, pass, routing);
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const inner = test(node.operand, place, pass, routing);
    return inner === null ? null : !inner;
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const [subject] = node.arguments;
    if (!/^(?:includes|has)$/.test(node.expression.name.text)) return null;
    if (subject === undefined || !isMethod(subject, place)) return null;
    return isListed(node.expression.expression, node, place, pass, routing);
  }
  if (!ts.isBinaryExpression(node)) return null;
  const { left, right } = node;
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken: {
      const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      const sides = [left, right].map((side) => test(side, place, pass, routing));
      if (sides.includes(!isAnd)) return !isAnd;
      return sides.includes(null) ? null : isAnd;
    }
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken: {
      const word = isMethod(left, place) ? right : isMethod(right, place) ? left : null;
      if (word === null) return null;
      pass.askedAt = pass.leaves.length;
      const isEqual = isNamed(word, place, pass, routing);
      return node.operatorToken.getText().startsWith('!') ? !isEqual : isEqual;
    }
    default:
      return null;
  }
}

/** `if (!handlers[req.method])`, where all that is in the map is known. */
function hasEntry(
  node: ts.ElementAccessExpression,
  place: Place,
  pass: Pass,
  routing: Routing,
): boolean | null {
  if (!isMethod(node.argumentExpression, place)) return null;
  const map = routing.evaluate(node.expression, place.scope);
  if (map.kind !== 'object' || map.isOpen) return null;
  pass.askedAt = pass.leaves.length;
  return [...map.properties.keys()].some((name) => name.toUpperCase() === pass.method);
}

function isListed(
  listed: ts.Expression,
  call: ts.Node,
  place: Place,
  pass: Pass,
  routing: Routing,
): boolean | null {
  const found = routing.evaluate(listed, place.scope);
  const items =
    found.kind === 'external'
      ? found.steps.flatMap((step) => (typeof step === 'string' ? [] : step))
      : [found];
  const list = items.find((item) => item.kind === 'list');
  if (list?.kind !== 'list' || list.items.some((item) => item.kind !== 'literal')) return null;
  pass.askedAt = pass.leaves.length;
  const isIn = list.items.some(
    (item) => item.kind === 'literal' && String(item.value).toUpperCase() === pass.method,
  );
  if (isIn) pass.named.push(call);
  return isIn;
}

export function isNamed(word: ts.Expression, place: Place, pass: Pass, routing: Routing): boolean {
  const value = routing.evaluate(word, place.scope);
  const isEqual = value.kind === 'literal' && String(value.value).toUpperCase() === pass.method;
  if (isEqual) pass.named.push(word);
  return isEqual;
}

/** `req.method`, or a variable that holds it. */
export function isMethod(node: ts.Expression, place: Place): boolean {
  if (ts.isNonNullExpression(node) || ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) {
    return isMethod(node.expression, place);
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const isDefaulted = kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
    return isDefaulted && isMethod(node.left, place);
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    return /^(?:to(?:Upper|Lower)Case|trim)$/.test(name.text) && isMethod(expression, place);
  }
  if (ts.isPropertyAccessExpression(node)) {
    return node.name.text === 'method' && REQUEST.test(node.expression.getText());
  }
  return ts.isIdentifier(node) && place.methodNames.has(node.text);
}

export function remember(declaration: ts.VariableDeclaration, place: Place): void {
  const { name, initializer } = declaration;
  if (initializer === undefined) return;
  if (ts.isIdentifier(name)) {
    if (isMethod(initializer, place)) place.methodNames.add(name.text);
    else place.tests.set(name.text, initializer);
  } else if (ts.isObjectBindingPattern(name) && REQUEST.test(initializer.getText())) {
    rememberPattern(name, place);
  }
}

/** `{ method }` or `{ method: verb }` taken out of a request. */
export function rememberPattern(pattern: ts.ObjectBindingPattern, place: Place): void {
  for (const { propertyName, name } of pattern.elements) {
    if ((propertyName ?? name).getText() === 'method' && ts.isIdentifier(name))
      place.methodNames.add(name.text);
  }
}
