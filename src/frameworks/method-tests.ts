import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { childScope, optionsOf, type FunctionValue, type Scope, type Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';
import {
  isMethod,
  isNamed,
  remember,
  rememberPattern,
  REQUEST,
  test,
  type Pass,
  type Place,
} from './method-conditions.ts';
import { keptMethods } from './method-lists.ts';

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
const REFUSAL = /\b(?:4\d\d|501)\b|not[\s_]*(?:allowed|supported|found|implemented)|['"]allow['"]/i;
const GUARD = /\b405\b|method[\s_]*not[\s_]*allowed/i;
const LOGGING = /^(?:await\s+)?(?:console|logger|log)\b/;

type End = 'normal' | 'exit';

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
    const own = made.leaves.filter((leaf) => !common.has(leaf) && isWork(leaf, true));
    const [node] = made.named;
    if (own.length === 0 || node === undefined) return [];
    // What is called before more of the same function checks the request, and answers nothing.
    const called = own
      .filter(
        (leaf, index) =>
          !own.slice(index + 1).some((later) => functionAround(later) === functionAround(leaf)),
      )
      .map((leaf) => made.calls.get(leaf))
      .find((value) => value !== undefined);
    return [{ method, node, handler: called ?? null }];
  });
  return {
    answered,
    isAsked: [unnamed, ...passes.map(({ made }) => made)].some(({ askedAt }) => askedAt !== null),
    takesAny: unnamed.leaves.slice(unnamed.askedAt ?? 0).some((leaf) => isWork(leaf, false)),
    listed: unnamed.listed,
    innermost: unnamed.innermost,
  };
}

function functionAround(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node, ts.isFunctionLike);
}

/** More than refusing or logging. An empty answer counts for a method that is told apart from others. */
function isWork(leaf: ts.Node, isOwn: boolean): boolean {
  if (ts.isReturnStatement(leaf)) {
    const { expression } = leaf;
    const nothing = isOwn ? /^false$/ : /^(?:false|null|undefined)$/;
    if (expression === undefined || nothing.test(expression.getText())) return false;
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
  if (!pass.calls.has(leaf) && isWholeStatement(call)) pass.calls.set(leaf, target);
  // What authenticates a request may look at its method, too, without turning any away.
  const isLeftToIt = isLast(call);
  if (!isLeftToIt && !GUARD.test(target.node.getText())) return 'normal';
  if (isLeftToIt && isEndOfFunction(call, place)) pass.innermost = target;
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

/** The node that a call is the whole of, apart from `await`. */
function holderOf(call: ts.CallExpression): ts.Node {
  let { parent }: ts.Node = call;
  while (ts.isAwaitExpression(parent) || ts.isParenthesizedExpression(parent)) ({ parent } = parent);
  return parent;
}

function isWholeStatement(call: ts.CallExpression): boolean {
  const holder = holderOf(call);
  return (
    ts.isReturnStatement(holder) ||
    ts.isExpressionStatement(holder) ||
    ts.isArrowFunction(holder) ||
    ts.isConditionalExpression(holder)
  );
}

/** The request is left to the function that is called. */
function isLast(call: ts.CallExpression): boolean {
  const holder = holderOf(call);
  if (ts.isReturnStatement(holder) || ts.isArrowFunction(holder)) return true;
  if (!ts.isExpressionStatement(holder)) return false;
  const around = holder.parent;
  const siblings = ts.isBlock(around) || ts.isCaseOrDefaultClause(around) ? around.statements : [holder];
  const after = siblings.slice(siblings.indexOf(holder) + 1);
  return after.every(
    (next) => ts.isBreakStatement(next) || (ts.isReturnStatement(next) && next.expression === undefined),
  );
}

/** A function that does more than this before it calls another is the one that handles the request. */
const MAX_STATEMENTS_OF_DELEGATION = 3;

/** It is what the function comes to, not one of its branches: the function hands over, or wraps what it was given. */
function isEndOfFunction(call: ts.CallExpression, place: Place): boolean {
  const holder = holderOf(call);
  if (ts.isArrowFunction(holder)) return true;
  const block = holder.parent;
  if (!ts.isBlock(block) || block.statements.at(-1) !== holder) return false;
  const isBody =
    ts.isFunctionLike(block.parent) || (ts.isTryStatement(block.parent) && block.parent.tryBlock === block);
  const isShort = block.statements.length <= MAX_STATEMENTS_OF_DELEGATION;
  return isBody && (isShort || isGiven(call.expression, place));
}

/** A name that surrounds the function inside its module: what a wrapper was given. */
function isGiven(callee: ts.Expression, place: Place): boolean {
  if (!ts.isIdentifier(callee)) return false;
  for (let scope: Scope | null = place.scope; scope?.parent != null; scope = scope.parent) {
    if (scope.names.has(callee.text)) return true;
  }
  return false;
}

function hasReturn(node: ts.FunctionLikeDeclaration): boolean {
  return /\breturn\b/.test(node.getText());
}
