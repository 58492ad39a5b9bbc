import { callValue, construct } from './call.ts';
import { isEnvironment, typeOf } from './environment.ts';
import { defineClass, functionValue } from './functions.ts';
import { globalValue } from './global-state.ts';
import { importMeta } from './globals.ts';
import { iterated, MAX_ITEMS } from './iterables.ts';
import { memberOf } from './members.ts';
import { requireModule } from './modules.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';
import {
  external,
  isUndefined,
  keyOf,
  list,
  literal,
  lookup,
  object,
  optionsOf,
  text,
  textParts,
  truth,
  UNDEFINED,
  union,
  unknown,
  type ObjectValue,
  type Scope,
  type Value,
} from './values.ts';
import { assign } from './assign.ts';
import { isPathOrEmpty, isUnseen, withoutSetting } from './default-settings.ts';
import { dynamicMember, registersMembers } from './dynamic-members.ts';
import { isSwitchedOff } from './feature-switches.ts';
import { add, compare, instanceOf } from './operators.ts';
import { describingObject } from './schema-arguments.ts';
import { compareMode, inProduction, textInProduction } from './program-mode.ts';
import { withoutEnvironment } from './unset-environment.ts';
import { withOrigin } from './value-origins.ts';

/** The value of an expression, without running anything of the project but in the mind. Never throws. */
export function evaluate(run: Run, node: ts.Expression, scope: Scope): Value {
  const value = evaluateNode(run, node, scope);
  return run.keepsOrigins ? withOrigin(value, node) : value;
}

function evaluateNode(run: Run, node: ts.Expression, scope: Scope): Value {
  if (run.stepsLeft <= 0) return unknown('budget');
  run.stepsLeft -= 1;
  if (ts.isStringLiteralLike(node)) return literal(node.text);
  if (ts.isNumericLiteral(node)) return literal(Number(node.text.replaceAll('_', '')));
  if (ts.isIdentifier(node)) return evaluateName(run, node, scope);
  if (ts.isPropertyAccessExpression(node)) {
    return memberOf(run, evaluate(run, node.expression, scope), node.name.text, node);
  }
  if (ts.isCallExpression(node)) return evaluateCall(run, node, scope);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return functionValue(node, scope);
  if (ts.isObjectLiteralExpression(node)) return evaluateObject(run, node, scope);
  if (ts.isArrayLiteralExpression(node)) return list(evaluateList(run, node.elements, scope));
  if (ts.isTemplateExpression(node)) {
    const values = node.templateSpans.map((span) => evaluate(run, span.expression, scope));
    const parts = node.templateSpans.flatMap((span, index) => [
      ...textParts(values[index] ?? UNDEFINED),
      span.literal.text,
    ]);
    return text([node.head.text, ...parts], values);
  }
  if (ts.isBinaryExpression(node)) return evaluateBinary(run, node, scope);
  if (ts.isConditionalExpression(node)) {
    const condition = evaluate(run, node.condition, scope);
    // `BASE ? `${BASE}/` : ''`, as without that variable of the environment or that setting.
    const decided =
      truth(condition) ?? textWithoutEnvironment(run, node, scope) ?? withoutSetting(node, condition);
    if (decided !== null) return evaluate(run, decided ? node.whenTrue : node.whenFalse, scope);
    run.undecided += 1;
    const whenTrue = evaluate(run, node.whenTrue, scope);
    const whenFalse = evaluate(run, node.whenFalse, scope);
    run.undecided -= 1;
    return textInProduction(condition, whenTrue, whenFalse) ?? union([whenTrue, whenFalse]);
  }
  if (ts.isNewExpression(node)) {
    const made = evaluate(run, node.expression, scope);
    return construct(run, made, evaluateList(run, node.arguments ?? [], scope), node);
  }
  if (ts.isElementAccessExpression(node)) {
    const owner = evaluate(run, node.expression, scope);
    const key = evaluate(run, node.argumentExpression, scope);
    const keys = optionsOf(key).filter((option) => option.kind === 'literal');
    if (keys.length > 0) return union(keys.map((key) => memberOf(run, owner, String(key.value), node)));
    if (registersMembers(owner)) return dynamicMember(run, owner, node);
    return owner.kind === 'external' ? external(owner.from, [...owner.steps, '*']) : unknown(node.getText());
  }
  if (ts.isClassExpression(node)) return defineClass(run, node, scope);
  return evaluateRest(run, node, scope);
}

/** Which of the two is chosen without a variable of the environment, where that is a string written there. */
function textWithoutEnvironment(run: Run, node: ts.ConditionalExpression, scope: Scope): boolean | null {
  if (!ts.isStringLiteralLike(node.whenTrue) && !ts.isStringLiteralLike(node.whenFalse)) return null;
  const chosen = withoutEnvironment(run, node.condition, scope);
  if (chosen === null) return null;
  return ts.isStringLiteralLike(chosen ? node.whenTrue : node.whenFalse) ? chosen : null;
}

function evaluateRest(run: Run, node: ts.Expression, scope: Scope): Value {
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return literal(true);
    case ts.SyntaxKind.FalseKeyword:
      return literal(false);
    case ts.SyntaxKind.NullKeyword:
      return literal(null);
    case ts.SyntaxKind.ThisKeyword:
      return lookup(scope, 'this') ?? unknown('this');
    case ts.SyntaxKind.SuperKeyword:
      return lookup(scope, 'super') ?? unknown('super');
  }
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isExpressionWithTypeArguments(node)
  ) {
    return evaluate(run, node.expression, scope);
  }
  if (ts.isYieldExpression(node)) {
    return node.expression === undefined ? UNDEFINED : evaluate(run, node.expression, scope);
  }
  if (ts.isRegularExpressionLiteral(node)) {
    return { kind: 'regex', source: node.text.slice(1, node.text.lastIndexOf('/')) };
  }
  if (ts.isPrefixUnaryExpression(node)) return evaluatePrefix(run, node, scope);
  if (ts.isPostfixUnaryExpression(node)) {
    const before = evaluate(run, node.operand, scope);
    const step = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
    if (before.kind === 'literal' && typeof before.value === 'number') {
      assign(run, node.operand, literal(before.value + step), scope);
    }
    return before;
  }
  if (ts.isVoidExpression(node)) {
    evaluate(run, node.expression, scope);
    return UNDEFINED;
  }
  if (ts.isMetaProperty(node)) return importMeta(node);
  if (ts.isTypeOfExpression(node)) return typeOf(evaluate(run, node.expression, scope));
  return unknown(node.getText());
}

export function evaluateName(run: Run, node: ts.Identifier, scope: Scope): Value {
  if (node.text === 'undefined') return UNDEFINED;
  return lookup(scope, node.text) ?? globalValue(run, node.text) ?? external(node.text);
}

function evaluateCall(run: Run, node: ts.CallExpression, scope: Scope): Value {
  const callee = node.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) {
    return requireModule(run, evaluateList(run, node.arguments, scope)[0] ?? UNDEFINED, node);
  }
  if (callee.kind === ts.SyntaxKind.SuperKeyword) {
    const base = lookup(scope, 'super');
    return callValue(run, base ?? unknown('super'), evaluateList(run, node.arguments, scope), node);
  }
  const target = evaluate(run, callee, scope);
  if (target.kind === 'external' && target.from === 'require' && target.steps.length === 0) {
    return requireModule(run, evaluateList(run, node.arguments, scope)[0] ?? UNDEFINED, node);
  }
  if (node.questionDotToken !== undefined && isUndefined(target)) return UNDEFINED;
  run.targets.set(node, target.kind);
  const args = evaluateList(run, node.arguments, scope, (argument) =>
    describingObject(run, argument, target, scope),
  );
  return callValue(run, target, args, node);
}

function evaluateList(
  run: Run,
  nodes: readonly ts.Expression[],
  scope: Scope,
  unread: (node: ts.Expression) => Value | null = () => null,
): Value[] {
  const values: Value[] = [];
  for (const node of nodes) {
    if (ts.isOmittedExpression(node)) continue;
    if (!ts.isSpreadElement(node)) {
      values.push(unread(node) ?? evaluate(run, node, scope));
      continue;
    }
    const spread = evaluate(run, node.expression, scope);
    for (const option of optionsOf(spread)) {
      const items = iterated(option);
      if (items !== null) values.push(...items.slice(0, Math.max(0, MAX_ITEMS - values.length)));
      else if (option.kind !== 'literal') values.push(unknown(node.getText()));
    }
  }
  return values;
}

function evaluateObject(run: Run, node: ts.ObjectLiteralExpression, scope: Scope): Value {
  const made: ObjectValue = { ...object(), node };
  let route: ts.Node | undefined;
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      for (const option of optionsOf(evaluate(run, property.expression, scope))) {
        if (option.kind !== 'object') {
          made.isOpen ||= option.kind !== 'literal';
          continue;
        }
        if (isRoute(option)) route = option.node;
        for (const [name, value] of option.properties) {
          // `{ ...defaults, ...given }`
          const isDefault = isUnseen(value) && isPathOrEmpty(made.properties.get(name) ?? value);
          if (!isDefault) made.properties.set(name, value);
        }
      }
      continue;
    }
    const name = propertyName(run, property.name, scope);
    if (name === null) {
      made.isOpen = true;
      continue;
    }
    if (ts.isPropertyAssignment(property)) {
      made.properties.set(name, evaluate(run, property.initializer, scope));
    } else if (ts.isShorthandPropertyAssignment(property)) {
      made.properties.set(name, evaluateName(run, property.name, scope));
    } else if (ts.isGetAccessor(property)) {
      made.properties.set(name, callValue(run, functionValue(property, scope, name, made), [], property));
    } else if (ts.isMethodDeclaration(property)) {
      made.properties.set(name, functionValue(property, scope, name));
    }
  }
  return route === undefined ? made : { ...made, node: route };
}

/** `{ ...route, path: prefix + route.path }` is the route that is written elsewhere. */
function isRoute({ properties }: ObjectValue): boolean {
  return properties.has('method') && (properties.has('path') || properties.has('url'));
}

/** The name of a property or class member, or null where it is computed from something unknown. */
export function propertyName(run: Run, node: ts.PropertyName, scope: Scope): string | null {
  return ts.isComputedPropertyName(node) ? keyOf(evaluate(run, node.expression, scope)) : node.text;
}

function evaluateBinary(run: Run, node: ts.BinaryExpression, scope: Scope): Value {
  const operator = node.operatorToken.kind;
  if (operator === ts.SyntaxKind.EqualsToken) {
    const value = evaluate(run, node.right, scope);
    assign(run, node.left, value, scope);
    return value;
  }
  const left = evaluate(run, node.left, scope);
  switch (operator) {
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken:
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return evaluateChoice(run, operator, left, node, scope);
    case ts.SyntaxKind.BarBarEqualsToken:
    case ts.SyntaxKind.QuestionQuestionEqualsToken: {
      const value = evaluateChoice(run, ts.SyntaxKind.BarBarToken, left, node, scope);
      assign(run, node.left, value, scope);
      return value;
    }
    case ts.SyntaxKind.CommaToken:
      return evaluate(run, node.right, scope);
    case ts.SyntaxKind.PlusEqualsToken: {
      const sum = add(left, evaluate(run, node.right, scope));
      assign(run, node.left, sum, scope);
      return sum;
    }
    case ts.SyntaxKind.PlusToken:
      return add(left, evaluate(run, node.right, scope));
  }
  const right = evaluate(run, node.right, scope);
  if (operator === ts.SyntaxKind.InstanceOfKeyword) {
    return instanceOf(left, right) ?? unknown(node.getText());
  }
  if (left.kind !== 'literal' || right.kind !== 'literal') {
    return compareMode(node, left, right) ?? unknown(node.getText());
  }
  return compare(operator, left.value, right.value) ?? unknown(node.getText());
}

function evaluateChoice(
  run: Run,
  operator: ts.SyntaxKind,
  left: Value,
  { left: leftNode, right: rightNode }: ts.BinaryExpression,
  scope: Scope,
): Value {
  const isNullish = left.kind === 'literal' && (left.value === undefined || left.value === null);
  const decided =
    operator === ts.SyntaxKind.QuestionQuestionToken && truth(left) !== null ? !isNullish : truth(left);
  if (operator === ts.SyntaxKind.AmpersandAmpersandToken) {
    if (decided === false && !isSwitchedOff(leftNode, rightNode, scope)) return left;
    if (decided === true) return evaluate(run, rightNode, scope);
    run.undecided += 1;
    const right = evaluate(run, rightNode, scope);
    run.undecided -= 1;
    return right;
  }
  if (decided === true) return left;
  if (decided === false) return evaluate(run, rightNode, scope);
  const right = evaluate(run, rightNode, scope);
  // What the sources say about a variable of the environment, or of a configuration, is its default.
  if (isEnvironment(left) || (isUnseen(left) && isPathOrEmpty(right))) return right;
  return union([left, right]);
}

function evaluatePrefix(run: Run, node: ts.PrefixUnaryExpression, scope: Scope): Value {
  const operand = evaluate(run, node.operand, scope);
  if (node.operator === ts.SyntaxKind.ExclamationToken) {
    const decided = truth(operand);
    if (decided !== null) return literal(!decided);
    const mode = inProduction(operand);
    return { ...unknown(node.getText()), ...(mode === null ? {} : { inProduction: !mode }) };
  }
  if (operand.kind !== 'literal' || typeof operand.value !== 'number') return unknown(node.getText());
  switch (node.operator) {
    case ts.SyntaxKind.MinusToken:
      return literal(-operand.value);
    case ts.SyntaxKind.PlusPlusToken:
    case ts.SyntaxKind.MinusMinusToken: {
      const step = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      const next = literal(operand.value + step);
      assign(run, node.operand, next, scope);
      return next;
    }
    default:
      return operand;
  }
}
