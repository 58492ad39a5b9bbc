import { evaluate, propertyName } from './evaluate.ts';
import { callFunction } from './functions.ts';
import { isGlobalObject } from './global-state.ts';
import { memberOf } from './members.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';
import {
  isUndefined,
  list,
  literal,
  object,
  optionsOf,
  UNDEFINED,
  union,
  unknown,
  type FunctionValue,
  type Scope,
  type Value,
} from './values.ts';

/** Assigns to a variable, a property, an element or a destructuring pattern. */
export function assign(run: Run, target: ts.Expression, value: Value, scope: Scope): void {
  if (ts.isIdentifier(target)) {
    const owner = scopeOf(scope, target.text) ?? scope;
    owner.names.set(target.text, merged(run, owner.names.get(target.text), value));
  } else if (ts.isPropertyAccessExpression(target)) {
    setMember(run, evaluate(run, target.expression, scope), target.name.text, value);
  } else if (ts.isElementAccessExpression(target)) {
    const key = evaluate(run, target.argumentExpression, scope);
    const owner = evaluate(run, target.expression, scope);
    if (key.kind === 'literal') setMember(run, owner, String(key.value), value);
    else if (owner.kind === 'list') owner.items.push(value);
    else if (owner.kind === 'object') owner.isOpen = true;
  } else if (ts.isParenthesizedExpression(target) || ts.isAsExpression(target)) {
    assign(run, target.expression, value, scope);
  } else if (ts.isNonNullExpression(target)) {
    assign(run, target.expression, value, scope);
  } else if (ts.isObjectLiteralExpression(target)) {
    for (const property of target.properties) {
      if (ts.isShorthandPropertyAssignment(property)) {
        assign(run, property.name, memberOf(run, value, property.name.text, property), scope);
      } else if (ts.isPropertyAssignment(property)) {
        const name = propertyName(run, property.name, scope);
        if (name !== null) assign(run, property.initializer, memberOf(run, value, name, property), scope);
      }
    }
  } else if (ts.isArrayLiteralExpression(target)) {
    target.elements.forEach((element, index) => assign(run, element, elementOf(value, index), scope));
  }
}

/** In a branch that may not run, what was there before stays possible; so does a flag that an attempt sets. */
function merged(run: Run, before: Value | (() => Value) | undefined, value: Value): Value {
  if (before === undefined || typeof before === 'function') return value;
  if (run.undecided === 0 && !(run.attempts > 0 && isFlag(before) && isFlag(value))) return value;
  if (isUndefined(before) || before.kind === 'unknown') return value;
  if (before.kind === 'literal' && before.value === null) return value;
  return union([before, value]);
}

function isFlag(value: Value): boolean {
  return value.kind === 'literal' && typeof value.value === 'boolean';
}

function setMember(run: Run, owner: Value, name: string, value: Value): void {
  switch (owner.kind) {
    case 'object':
    case 'class':
    case 'router':
    case 'function': {
      const setter = owner.kind === 'object' ? setterOf(run, owner, name) : null;
      if (setter !== null) callFunction(run, setter, [value]);
      else owner.properties.set(name, merged(run, owner.properties.get(name), value));
      return;
    }
    case 'external':
      if (isGlobalObject(owner)) run.globals.set(name, merged(run, run.globals.get(name), value));
      return;
    case 'list':
      if (/^\d+$/.test(name)) owner.items[Number(name)] = value;
      return;
    case 'union':
      for (const option of owner.options) setMember(run, option, name, value);
  }
}

function setterOf(run: Run, owner: Value & { kind: 'object' }, name: string): FunctionValue | null {
  for (let type: Value | null = owner.class; type?.kind === 'class'; type = type.base) {
    for (const member of type.node.members) {
      if (!ts.isSetAccessor(member) || propertyName(run, member.name, type.scope) !== name) continue;
      return {
        kind: 'function',
        node: member,
        scope: type.scope,
        name,
        self: owner,
        madeFrom: [],
        properties: new Map(),
      };
    }
  }
  return null;
}

function scopeOf(scope: Scope, name: string): Scope | null {
  for (let current: Scope | null = scope; current !== null; current = current.parent) {
    if (current.names.has(name)) return current;
  }
  return null;
}

/** Declares the names of a variable, parameter or pattern in `scope`. */
export function bind(run: Run, name: ts.BindingName, value: Value, scope: Scope): void {
  if (ts.isIdentifier(name)) {
    scope.names.set(name.text, value);
    return;
  }
  if (ts.isObjectBindingPattern(name)) {
    const taken: string[] = [];
    for (const element of name.elements) {
      if (element.dotDotDotToken !== undefined) {
        bind(run, element.name, restOf(value, taken), scope);
        continue;
      }
      const key =
        element.propertyName === undefined
          ? ts.isIdentifier(element.name)
            ? element.name.text
            : null
          : propertyName(run, element.propertyName, scope);
      if (key === null) continue;
      taken.push(key);
      bind(
        run,
        element.name,
        withDefault(run, memberOf(run, value, key, element), element.initializer, scope),
        scope,
      );
    }
    return;
  }
  name.elements.forEach((element, index) => {
    if (ts.isOmittedExpression(element)) return;
    if (element.dotDotDotToken !== undefined) {
      const rest = value.kind === 'list' ? list(value.items.slice(index)) : unknown(element.getText());
      bind(run, element.name, rest, scope);
      return;
    }
    bind(run, element.name, withDefault(run, elementOf(value, index), element.initializer, scope), scope);
  });
}

/** A default stands in where the value is missing, and is a possibility where the value is unknown. */
export function withDefault(
  run: Run,
  value: Value,
  initializer: ts.Expression | undefined,
  scope: Scope,
): Value {
  if (initializer === undefined) return value;
  if (isUndefined(value)) return evaluate(run, initializer, scope);
  if (value.kind === 'unknown') return union([value, evaluate(run, initializer, scope)]);
  return value;
}

function elementOf(value: Value, index: number): Value {
  const elements = optionsOf(value).map((option) =>
    option.kind === 'list'
      ? (option.items[index] ?? UNDEFINED)
      : option.kind === 'literal' && typeof option.value === 'string'
        ? literal(option.value[index])
        : unknown('element'),
  );
  return union(elements);
}

function restOf(value: Value, taken: readonly string[]): Value {
  if (value.kind !== 'object') return unknown('rest');
  return object([...value.properties].filter(([name]) => !taken.includes(name)));
}
