import { bind, withDefault } from './assign.ts';
import { evaluate, propertyName } from './evaluate.ts';
import { executeBlock } from './execute.ts';
import { ts } from './project.ts';
import { looksRegistering } from './dynamic.ts';
import {
  countSteps,
  LONG_FUNCTION_STEPS,
  MAX_CALL_DEPTH,
  MAX_FUNCTION_STEPS,
  reportUnresolved,
  MAX_LONG_FUNCTION_STEPS,
  MAX_RECURSION,
  REGISTERING_FUNCTION_SHARE,
  type Run,
} from './run.ts';
import { callValue } from './call.ts';
import { frameworkMember } from './members.ts';
import {
  childScope,
  list,
  native,
  optionsOf,
  UNDEFINED,
  union,
  unknown,
  type ClassValue,
  type ExternalValue,
  type FunctionValue,
  type ObjectValue,
  type RouterValue,
  type Scope,
  type Value,
} from './values.ts';

/** A function where it is written; `name` where its place gives it one. */
export function functionValue(
  node: ts.FunctionLikeDeclaration,
  scope: Scope,
  name: string | null = null,
  self: Value | null = null,
): FunctionValue {
  return {
    kind: 'function',
    node,
    scope,
    name: name ?? ownName(node),
    self,
    madeFrom: [],
    properties: new Map(),
  };
}

function ownName(node: ts.FunctionLikeDeclaration): string | null {
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name.text;
  let outer: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(outer) || ts.isAsExpression(outer) || ts.isSatisfiesExpression(outer)) {
    outer = outer.parent;
  }
  if (ts.isVariableDeclaration(outer) && ts.isIdentifier(outer.name)) return outer.name.text;
  if (ts.isPropertyAssignment(outer) && ts.isIdentifier(outer.name)) return outer.name.text;
  if (ts.isPropertyDeclaration(outer) && ts.isIdentifier(outer.name)) return outer.name.text;
  if (ts.isBinaryExpression(outer) && ts.isPropertyAccessExpression(outer.left)) return outer.left.name.text;
  return null;
}

/** What a call of the function returns; its body is followed, unless the call is too deep or recursive. */
export function callFunction(
  run: Run,
  target: FunctionValue,
  args: readonly Value[],
  call: ts.Node | null = null,
): Value {
  const { node } = target;
  const body = 'body' in node ? node.body : undefined;
  if (body === undefined) return unknown(target.name ?? 'function');
  run.stepsLeft -= 1;
  if (isTooDeep(run, node) || isTooCostly(run, target, args)) {
    if (run.stepsLeft > 0 && (args.some(holdsRouter) || looksRegistering(node))) {
      reportUnresolved(run, call ?? node, `too_deep: ${target.name ?? 'function'}`);
    }
    return unknown(target.name ?? 'function');
  }
  const scope = childScope(target.scope);
  if (!ts.isArrowFunction(node)) {
    scope.names.set('this', target.self ?? UNDEFINED);
    scope.names.set('arguments', list(args));
  }
  bindParameters(run, node, args, scope);
  run.followed.add(node);
  run.calledFrom[run.stack.length] = call;
  run.stack.push(node);
  const { result, ownSteps } = countSteps(run, () =>
    ts.isBlock(body) ? returned(executeBlock(run, body, scope)) : evaluate(run, body, scope),
  );
  run.stack.pop();
  const spent = run.costs.get(node) ?? { steps: 0, calls: 0 };
  run.costs.set(node, { steps: spent.steps + 1 + ownSteps, calls: spent.calls + 1 });
  return withOrigin(result, args);
}

function isTooDeep(run: Run, node: ts.Node): boolean {
  return (
    run.stepsLeft <= 0 ||
    run.stack.length >= MAX_CALL_DEPTH ||
    run.stack.filter((outer) => outer === node).length >= MAX_RECURSION
  );
}

/** A function that cost much before is followed again only if it is given a router to register on. */
function isTooCostly(run: Run, target: FunctionValue, args: readonly Value[]): boolean {
  if (run.isReadingSchemas) return false;
  const spent = run.costs.get(target.node);
  // A loop that registers may hold its router from outside.
  const share = looksRegistering(target.node) ? REGISTERING_FUNCTION_SHARE : 1;
  if (spent === undefined || spent.steps < MAX_LONG_FUNCTION_STEPS * share) return false;
  const isLong = spent.steps / spent.calls > LONG_FUNCTION_STEPS;
  if (!isLong && spent.steps < MAX_FUNCTION_STEPS * share) return false;
  const owned = target.self?.kind === 'object' ? [...target.self.properties.values()] : [];
  return ![...args, ...owned].some((value) => holdsRouter(value));
}

/** A router, one of the alternatives, or an object that hands one on: `register({ app, config })`. */
function holdsRouter(value: Value): boolean {
  if (value.kind === 'object') return [...value.properties.values()].some(({ kind }) => kind === 'router');
  return optionsOf(value).some(({ kind }) => kind === 'router');
}

function returned(values: readonly Value[]): Value {
  return values.length === 0 ? UNDEFINED : union(values);
}

/** A function made by a call remembers what went into the call, so that wrapped handlers can be found. */
function withOrigin(result: Value, args: readonly Value[]): Value {
  if (result.kind !== 'function' || args.includes(result) || result.madeFrom.length > 0) return result;
  return args.length === 0 ? result : { ...result, madeFrom: args };
}

function bindParameters(
  run: Run,
  node: ts.FunctionLikeDeclaration,
  args: readonly Value[],
  scope: Scope,
): void {
  let index = 0;
  for (const parameter of node.parameters) {
    if (ts.isIdentifier(parameter.name) && parameter.name.text === 'this') continue;
    if (parameter.dotDotDotToken !== undefined) {
      bind(run, parameter.name, list(args.slice(index)), scope);
      continue;
    }
    const value = withDefault(run, args[index] ?? UNDEFINED, parameter.initializer, scope);
    bind(run, parameter.name, value, scope);
    index += 1;
  }
}

/** Evaluates a class: its base and its static members. */
export function defineClass(run: Run, node: ts.ClassLikeDeclaration, scope: Scope): ClassValue {
  const heritage = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword);
  const baseNode = heritage?.types[0]?.expression;
  const made: ClassValue = {
    kind: 'class',
    node,
    scope: childScope(scope),
    base: baseNode === undefined ? null : evaluate(run, baseNode, scope),
    properties: new Map(),
  };
  if (node.name !== undefined) made.scope.names.set(node.name.text, made);
  run.classes.push(made);
  const inner = childScope(made.scope);
  inner.names.set('this', made);
  for (const member of node.members) {
    if (ts.isClassStaticBlockDeclaration(member)) executeBlock(run, member.body, inner);
    if (!hasModifier(member, ts.SyntaxKind.StaticKeyword) || member.name === undefined) continue;
    const name = propertyName(run, member.name, made.scope);
    if (name === null) continue;
    if (ts.isMethodDeclaration(member)) {
      made.properties.set(name, functionValue(member, made.scope, name, made));
    } else if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) {
      made.properties.set(name, evaluate(run, member.initializer, inner));
    } else if (ts.isGetAccessor(member)) {
      made.properties.set(name, callValue(run, functionValue(member, made.scope, name, made), [], member));
    }
  }
  return made;
}

/** A new instance: base first, then fields, then the constructor's body. A router where a framework's is extended. */
export function instantiate(
  run: Run,
  type: ClassValue,
  args: readonly Value[],
  call: ts.Node | null = null,
): Value {
  const instance: ObjectValue = { kind: 'object', properties: new Map(), class: type, isOpen: true };
  run.stepsLeft -= 1;
  if (isTooDeep(run, type.node)) return instance;
  run.followed.add(type.node);
  run.calledFrom[run.stack.length] = call;
  run.stack.push(type.node);
  const made = initialize(run, type, { type, instance }, args);
  run.stack.pop();
  return made;
}

/** The class that `new` names, and what is made before the constructor of a base says otherwise. */
interface Making {
  readonly type: ClassValue;
  readonly instance: ObjectValue | RouterValue;
}

function initialize(run: Run, type: ClassValue, making: Making, args: readonly Value[]): Making['instance'] {
  const scope = childScope(type.scope);
  let { instance } = making;
  scope.names.set('this', instance);
  const constructorNode = type.node.members.find(
    (member): member is ts.ConstructorDeclaration =>
      ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
  const initializeBase = (baseArgs: readonly Value[]): Value => {
    for (const base of optionsOf(type.base ?? UNDEFINED)) {
      if (base.kind === 'class') instance = initialize(run, base, making, baseArgs);
      if (base.kind === 'external') instance = extended(run, base, making, baseArgs, type.node) ?? instance;
    }
    scope.names.set('this', instance);
    return UNDEFINED;
  };
  const initializeFields = (): void => {
    for (const member of type.node.members) {
      if (!ts.isPropertyDeclaration(member) || hasModifier(member, ts.SyntaxKind.StaticKeyword)) continue;
      const name = propertyName(run, member.name, type.scope);
      if (name === null || member.initializer === undefined) continue;
      instance.properties.set(name, evaluate(run, member.initializer, scope));
    }
  };

  if (constructorNode?.body === undefined) {
    initializeBase(args);
    initializeFields();
    return instance;
  }
  run.followed.add(constructorNode);
  bindParameters(run, constructorNode, args, scope);
  const initializeParameters = (): void => {
    for (const parameter of constructorNode.parameters) {
      if (!ts.isIdentifier(parameter.name) || ts.getModifiers(parameter) === undefined) continue;
      instance.properties.set(parameter.name.text, scope.names.get(parameter.name.text) as Value);
    }
  };
  initializeParameters();
  if (type.base === null) initializeFields();
  scope.names.set('super', {
    ...native((baseArgs) => {
      initializeBase(baseArgs);
      initializeParameters();
      initializeFields();
      return UNDEFINED;
    }),
    member: (name) => baseMember(run, type.base, name, instance),
  });
  executeBlock(run, constructorNode.body, scope);
  return instance;
}

/** The router of a framework whose class the project extends. */
function extended(
  run: Run,
  base: ExternalValue,
  making: Making,
  args: readonly Value[],
  node: ts.Node,
): RouterValue | null {
  if (!run.frameworks.some(({ packages }) => packages.includes(base.from))) return null;
  const made = callValue(run, base, args, node);
  return made.kind === 'router' ? { ...made, class: making.type } : null;
}

/** `super.name`: a method of a base class, or what the framework's own class has. */
function baseMember(run: Run, base: Value | null, name: string, self: Value): Value | undefined {
  const inherited = inheritedMethod(run, base, name, self);
  return inherited ?? (self.kind === 'router' ? frameworkMember(run, self, name) : undefined);
}

/** A method, found along the chain of base classes and bound to `self`. */
export function inheritedMethod(run: Run, start: Value | null, name: string, self: Value): Value | undefined {
  for (let type: Value | null = start; type?.kind === 'class'; type = type.base) {
    for (const member of type.node.members) {
      if (member.name === undefined || hasModifier(member, ts.SyntaxKind.StaticKeyword)) continue;
      if (propertyName(run, member.name, type.scope) !== name) continue;
      const scope = childScope(type.scope);
      const { base } = type;
      if (base !== null) {
        scope.names.set('super', {
          ...native(() => UNDEFINED),
          member: (inherited) => baseMember(run, base, inherited, self),
        });
      }
      if (ts.isMethodDeclaration(member) && member.body !== undefined) {
        return functionValue(member, scope, name, self);
      }
      if (ts.isGetAccessor(member)) {
        return callValue(run, functionValue(member, scope, name, self), [], member);
      }
    }
  }
  return undefined;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers?.some((modifier) => modifier.kind === kind) ?? false);
}
