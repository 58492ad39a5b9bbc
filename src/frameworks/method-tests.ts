import { mutationMethod } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { childScope, optionsOf, type FunctionValue, type Scope, type Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

/** A mutation that a function answers in a way of its own. */
export interface AnsweredMethod {
  readonly method: MutationMethod;
  /** Where the method is named. */
  readonly node: ts.Node;
  /** What runs for it, where that is one function that is called or listed for the method. */
  readonly handler: Value | null;
}

export interface MethodUse {
  readonly answered: readonly AnsweredMethod[];
  /** It asks for the method at all, itself or in a function that it hands the request to. */
  readonly isAsked: boolean;
  /** A method that is named nowhere is served, too. */
  readonly takesAny: boolean;
  /** Methods in a list that a wrapper keeps for its function: `allow(['POST'], handler)`; null without one. */
  readonly listed: readonly MutationMethod[] | null;
  /** The function that the request is left to in the end. */
  readonly innermost: FunctionValue;
}

const MUTATIONS: readonly MutationMethod[] = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** Stands for every method that the function does not name. */
const UNNAMED = 'UNNAMED';
const MAX_DEPTH = 4;
const REQUEST = /(?:^|\.)_?(?:req|request)$/i;
const REFUSAL = /\b(?:4\d\d|501)\b|not[\s_]*(?:allowed|supported|found|implemented)|['"]allow['"]/i;
const GUARD = /\b405\b|method[\s_]*not[\s_]*allowed/i;
const LOGGING = /^(?:await\s+)?(?:console|logger|log)\b/;

type End = 'normal' | 'exit';

/** One pass through a function for one method: what it runs, in order. */
interface Pass {
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
interface Place {
  readonly scope: Scope;
  readonly methodNames: Set<string>;
  readonly tests: Map<string, ts.Expression>;
}

/**
 * Follows a function once for each method, deciding what the method decides: comparisons, `switch`, lists of allowed
 * methods and maps from method to function, also in functions that are given the request. What runs for a method
 * but not for one that is named nowhere is that method's own.
 */
export function methodUse(handler: FunctionValue, routing: Routing): MethodUse {
  const pass = (method: string): Pass => {
    const made: Pass = {
      method,
      leaves: [],
      calls: new Map(),
      named: [],
      stack: [],
      askedAt: null,
      listed: null,
      innermost: handler,
    };
    followFunction(handler, handler.scope, made, routing);
    return made;
  };
  const unnamed = pass(UNNAMED);
  const common = new Set(unnamed.leaves);
  const passes = MUTATIONS.map((method) => ({ method, made: pass(method) }));
  const answered = passes.flatMap(({ method, made }): AnsweredMethod[] => {
    const own = made.leaves.filter((leaf) => !common.has(leaf) && isWork(leaf));
    const [node] = made.named;
    if (own.length === 0 || node === undefined) return [];
    const called = own.map((leaf) => made.calls.get(leaf)).find((value) => value !== undefined);
    return [{ method, node, handler: called ?? null }];
  });
  return {
    answered,
    isAsked: [unnamed, ...passes.map(({ made }) => made)].some(({ askedAt }) => askedAt !== null),
    takesAny: unnamed.leaves.slice(unnamed.askedAt ?? 0).some(isWork),
    listed: unnamed.listed,
    innermost: unnamed.innermost,
  };
}

function isWork(leaf: ts.Node): boolean {
  if (ts.isThrowStatement(leaf)) return false;
  if (ts.isReturnStatement(leaf)) {
    const { expression } = leaf;
    if (expression === undefined || /^(?:false|null|undefined)$/.test(expression.getText())) return false;
  }
  if (ts.isVariableStatement(leaf) && !/\bawait\b/.test(leaf.getText())) return false;
  const words = leaf.getText();
  return !REFUSAL.test(words) && !LOGGING.test(words);
}

function followFunction(target: FunctionValue, scope: Scope, pass: Pass, routing: Routing): End {
  const { node } = target;
  if (!('body' in node) || node.body === undefined) return 'normal';
  pass.listed ??= keptMethods(target);
  const place: Place = { scope, methodNames: new Set(), tests: new Map() };
  for (const { name } of node.parameters) if (ts.isObjectBindingPattern(name)) rememberPattern(name, place);
  if (ts.isBlock(node.body)) return followAll(node.body.statements, place, pass, routing);
  pass.leaves.push(node.body);
  return followExpression(node.body, node.body, place, pass, routing);
}

function followAll(statements: readonly ts.Statement[], place: Place, pass: Pass, routing: Routing): End {
  for (const statement of statements) {
    if (follow(statement, place, pass, routing) === 'exit') return 'exit';
  }
  return 'normal';
}

function follow(node: ts.Statement, place: Place, pass: Pass, routing: Routing): End {
  if (ts.isBlock(node)) return followAll(node.statements, place, pass, routing);
  if (ts.isIfStatement(node)) {
    const decided = test(node.expression, place, pass, routing);
    if (decided === null) followExpression(node.expression, node.expression, place, pass, routing);
    const ends = [
      ...(decided === false ? [] : [follow(node.thenStatement, place, pass, routing)]),
      ...(decided === true || node.elseStatement === undefined
        ? []
        : [follow(node.elseStatement, place, pass, routing)]),
    ];
    const isComplete = decided !== null || node.elseStatement !== undefined;
    return isComplete && ends.length > 0 && ends.every((end) => end === 'exit') ? 'exit' : 'normal';
  }
  if (ts.isSwitchStatement(node)) return followSwitch(node, place, pass, routing);
  if (ts.isTryStatement(node)) return followAll(node.tryBlock.statements, place, pass, routing);
  if (ts.isIterationStatement(node, false)) {
    follow(node.statement, place, pass, routing);
    return 'normal';
  }
  if (ts.isThrowStatement(node)) return 'exit';
  if (ts.isReturnStatement(node)) {
    pass.leaves.push(node);
    if (node.expression !== undefined) followExpression(node.expression, node, place, pass, routing);
    return 'exit';
  }
  if (ts.isVariableStatement(node)) {
    for (const declaration of node.declarationList.declarations) remember(declaration, place);
  }
  if (!ts.isVariableStatement(node) && !ts.isExpressionStatement(node)) return 'normal';
  pass.leaves.push(node);
  return followExpression(node, node, place, pass, routing);
}

function followSwitch(node: ts.SwitchStatement, place: Place, pass: Pass, routing: Routing): End {
  const { clauses } = node.caseBlock;
  if (!isMethod(node.expression, place)) {
    for (const clause of clauses) followAll(clause.statements, place, pass, routing);
    return 'normal';
  }
  pass.askedAt = pass.leaves.length;
  const chosen = clauses.findIndex(
    (clause) => ts.isCaseClause(clause) && isNamed(clause.expression, place, pass, routing),
  );
  const start = chosen === -1 ? clauses.findIndex((clause) => ts.isDefaultClause(clause)) : chosen;
  for (const clause of start === -1 ? [] : clauses.slice(start)) {
    for (const statement of clause.statements) {
      if (ts.isBreakStatement(statement)) return 'normal';
      if (follow(statement, place, pass, routing) === 'exit') return 'exit';
      if (ts.isBlock(statement) && statement.statements.some((inner) => ts.isBreakStatement(inner)))
        return 'normal';
    }
  }
  return 'normal';
}

/** Parts of an expression that the method decides, and functions that are given the request. */
function followExpression(root: ts.Node, leaf: ts.Node, place: Place, pass: Pass, routing: Routing): End {
  let end: End = 'normal';
  const visit = (node: ts.Node): void => {
    if (ts.isConditionalExpression(node)) {
      const decided = test(node.condition, place, pass, routing);
      if (decided !== null) {
        const branch = decided ? node.whenTrue : node.whenFalse;
        pass.leaves.push(branch);
        visit(branch);
        return;
      }
    }
    if (ts.isElementAccessExpression(node) && isMethod(node.argumentExpression, place)) {
      followMap(node, place, pass, routing);
    }
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (ts.isBlock(node.body)) followAll(node.body.statements, place, pass, routing);
      else visit(node.body);
      return;
    }
    ts.forEachChild(node, visit);
    if (ts.isCallExpression(node) && followCall(node, leaf, place, pass, routing) === 'exit') end = 'exit';
  };
  visit(root);
  return end;
}

/** `handlers[req.method]` */
function followMap(node: ts.ElementAccessExpression, place: Place, pass: Pass, routing: Routing): void {
  pass.askedAt = pass.leaves.length;
  for (const map of optionsOf(routing.evaluate(node.expression, place.scope))) {
    if (map.kind !== 'object') continue;
    for (const [name, handler] of map.properties) {
      if (name.toUpperCase() !== pass.method) continue;
      const written = propertyNode(map, name) ?? (handler.kind === 'function' ? handler.node : node);
      pass.named.push(written);
      pass.leaves.push(written);
      pass.calls.set(written, handler);
    }
  }
}

/** Where a property of an object literal is written. */
export function propertyNode(map: Value & { kind: 'object' }, name: string): ts.Node | null {
  if (map.node === undefined || !ts.isObjectLiteralExpression(map.node)) return null;
  return (
    map.node.properties.find((property) => property.name?.getText().replaceAll(/['"]/g, '') === name) ?? null
  );
}

function followCall(call: ts.CallExpression, leaf: ts.Node, place: Place, pass: Pass, routing: Routing): End {
  const isHanded = call.arguments.some(
    (argument) =>
      REQUEST.test(argument.getText()) ||
      (ts.isObjectLiteralExpression(argument) && /\breq(?:uest)?\b/.test(argument.getText())),
  );
  if (!isHanded) return 'normal';
  const target = routing.evaluate(call.expression, place.scope);
  if (target.kind !== 'function' || pass.stack.length >= MAX_DEPTH || pass.stack.includes(target.node)) {
    return 'normal';
  }
  if (!pass.calls.has(leaf)) pass.calls.set(leaf, target);
  // What authenticates a request may look at its method, too, without turning any away.
  const isLeftToIt = isLast(call);
  if (!isLeftToIt && !GUARD.test(target.node.getText())) return 'normal';
  if (isLeftToIt) pass.innermost = target;
  const scope = childScope(target.scope);
  target.node.parameters.forEach(({ name }, index) => {
    const argument = call.arguments[index];
    if (ts.isIdentifier(name) && argument !== undefined && !ts.isSpreadElement(argument)) {
      scope.names.set(name.text, routing.evaluate(argument, place.scope));
    }
  });
  pass.stack.push(target.node);
  const end = followFunction(target, scope, pass, routing);
  pass.stack.pop();
  return end === 'exit' && !hasReturn(target.node) ? 'exit' : 'normal';
}

/** The request is left to the function that is called. */
function isLast(call: ts.CallExpression): boolean {
  let node: ts.Node = call;
  while (ts.isAwaitExpression(node.parent) || ts.isParenthesizedExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isReturnStatement(parent) || ts.isArrowFunction(parent)) return true;
  if (!ts.isExpressionStatement(parent)) return false;
  const siblings =
    ts.isBlock(parent.parent) || ts.isCaseOrDefaultClause(parent.parent)
      ? parent.parent.statements
      : [parent];
  const after = siblings.slice(siblings.indexOf(parent) + 1);
  return after.every(
    (next) => ts.isBreakStatement(next) || (ts.isReturnStatement(next) && next.expression === undefined),
  );
}

function hasReturn(node: ts.FunctionLikeDeclaration): boolean {
  return /\breturn\b/.test(node.getText());
}

/** A condition as the method decides it; null where it does not. */
function test(node: ts.Expression, place: Place, pass: Pass, routing: Routing): boolean | null {
  if (ts.isParenthesizedExpression(node)) return test(node.expression, place, pass, routing);
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
      return /^!/.test(node.operatorToken.getText()) ? !isEqual : isEqual;
    }
    default:
      return null;
  }
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

function isNamed(word: ts.Expression, place: Place, pass: Pass, routing: Routing): boolean {
  const value = routing.evaluate(word, place.scope);
  const isEqual = value.kind === 'literal' && String(value.value).toUpperCase() === pass.method;
  if (isEqual) pass.named.push(word);
  return isEqual;
}

/** `req.method`, or a variable that holds it. */
function isMethod(node: ts.Expression, place: Place): boolean {
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

function remember(declaration: ts.VariableDeclaration, place: Place): void {
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
function rememberPattern(pattern: ts.ObjectBindingPattern, place: Place): void {
  for (const { propertyName, name } of pattern.elements) {
    if ((propertyName ?? name).getText() === 'method' && ts.isIdentifier(name))
      place.methodNames.add(name.text);
  }
}

/** Methods in a list that surrounds a function and that it uses. */
function keptMethods(target: FunctionValue): readonly MutationMethod[] | null {
  for (let scope: Scope | null = target.scope; scope?.parent != null; scope = scope.parent) {
    for (const [name, value] of scope.names) {
      const methods = typeof value === 'function' ? null : methodNamesIn(value);
      if (methods !== null && new RegExp(`\\b${name}\\b`).test(target.node.getText())) return methods;
    }
  }
  return null;
}

/** Methods in a list of names that a wrapper is given: `allow(['POST'], handler)`. */
export function methodNamesIn(value: Value): MutationMethod[] | null {
  if (value.kind !== 'list' || value.items.length === 0) return null;
  const names = value.items.map((item) => (item.kind === 'literal' ? String(item.value) : ''));
  if (!names.every((name) => /^(?:get|head|options|post|put|patch|delete)$/i.test(name))) return null;
  return names.flatMap((name) => mutationMethod(name) ?? []);
}
