import { callValue } from './call.ts';
import { callFunction, inheritedMethod } from './functions.ts';
import { globalValue, isGlobalObject } from './global-state.ts';
import { listMember } from './list-members.ts';
import type { ts } from './project.ts';
import { routingOf } from './routing.ts';
import type { Run } from './run.ts';
import { matches, textMember } from './text-members.ts';
import {
  external,
  literal,
  native,
  object,
  UNDEFINED,
  union,
  unknown,
  type ExternalValue,
  type FunctionValue,
  type RouterValue,
  type Value,
} from './values.ts';

/** `owner.name`. */
export function memberOf(run: Run, owner: Value, name: string, node: ts.Node): Value {
  run.stepsLeft -= 1;
  return ownMember(run, owner, name, node) ?? promiseMember(run, owner, name, node) ?? missing(owner, name);
}

function ownMember(run: Run, owner: Value, name: string, node: ts.Node): Value | undefined {
  switch (owner.kind) {
    case 'object': {
      const own = owner.properties.get(name);
      if (own !== undefined) return boundTo(owner, own);
      return owner.class === null ? undefined : inheritedMethod(run, owner.class, name, owner);
    }
    case 'class': {
      for (let type: Value | null = owner; type?.kind === 'class'; type = type.base) {
        const found = type.properties.get(name);
        if (found !== undefined) return boundTo(owner, found);
      }
      return name === 'name' ? literal(owner.node.name?.text ?? '') : undefined;
    }
    case 'router': {
      // `NestFactory.create(App).then((app) => …)`
      if (PROMISE_METHOD.test(name)) return undefined;
      const own = owner.properties.get(name);
      if (own !== undefined) return boundTo(owner, own);
      const inherited =
        owner.class === undefined ? undefined : inheritedMethod(run, owner.class, name, owner);
      return inherited ?? frameworkMember(run, owner, name) ?? functionMember(run, owner, name);
    }
    case 'function': {
      const own = owner.properties.get(name);
      if (own !== undefined) return own;
      if (name === 'name') return literal(owner.name ?? '');
      if (name === 'prototype') {
        const prototype = object();
        owner.properties.set(name, prototype);
        return prototype;
      }
      return functionMember(run, owner, name);
    }
    case 'native':
      return owner.member?.(name) ?? functionMember(run, owner, name);
    case 'list':
      return listMember(run, owner, name, node);
    case 'literal':
    case 'text':
      return textMember(owner, name);
    case 'regex':
      return name === 'test' ? native(([subject]) => matches(owner, subject)) : undefined;
    case 'external':
      return isGlobalObject(owner) ? globalValue(run, name) : wrappedMember(run, owner, name);
    case 'union':
      return union(owner.options.map((option) => memberOf(run, option, name, node)));
    default:
      return undefined;
  }
}

/** What the framework itself gives a router under a name. */
export function frameworkMember(run: Run, owner: RouterValue, name: string): Value | undefined {
  const framework = run.frameworks.find((framework) => framework.id === owner.router.framework);
  return framework?.member?.(owner, name, routingOf(run));
}

/** `websockify(new Koa()).use(…)`: what a package makes of an application passes on what is mounted on it. */
function wrappedMember(run: Run, { steps }: ExternalValue, name: string): Value | undefined {
  const made = steps.at(-1);
  const [inner] = typeof made === 'object' && name === 'use' ? made : [];
  return inner?.kind === 'router' ? frameworkMember(run, inner, name) : undefined;
}

/** A method read from an object is called with that object. */
function boundTo(owner: Value, value: Value): Value {
  return value.kind === 'function' && value.self === null ? { ...value, self: owner } : value;
}

/** `call`, `apply` and `bind` of anything callable. */
function functionMember(run: Run, owner: Value, name: string): Value | undefined {
  const withSelf = (self: Value | undefined): Value =>
    owner.kind === 'function' && self !== undefined ? ({ ...owner, self } satisfies FunctionValue) : owner;
  switch (name) {
    case 'call':
      return native(([self, ...args], site) => callValue(run, withSelf(self), args, site.node));
    case 'apply':
      return native(([self, args], site) =>
        callValue(run, withSelf(self), args?.kind === 'list' ? args.items : [], site.node),
      );
    case 'bind':
      return native(([self, ...first]) => {
        const bound = withSelf(self);
        if (first.length === 0) return bound;
        return native((rest, site) => callValue(run, bound, [...first, ...rest], site.node));
      });
    default:
      return undefined;
  }
}

const PROMISE_METHOD = /^(?:then|catch|finally)$/;

/** `await` is transparent to the scanner, so a promise is the value that it will have. */
function promiseMember(run: Run, owner: Value, name: string, node: ts.Node): Value | undefined {
  if (!PROMISE_METHOD.test(name)) return undefined;
  return native(([callback]) => {
    if (callback === undefined) return owner;
    if (name === 'then') return callValue(run, callback, [owner], node);
    const args = name === 'catch' ? [unknown('error')] : [];
    if (callback.kind === 'function') callFunction(run, callback, args);
    return owner;
  });
}

function missing(owner: Value, name: string): Value {
  switch (owner.kind) {
    case 'external':
      return external(owner.from, [...owner.steps, name]);
    case 'unknown':
      return unknown(`${owner.text}.${name}`);
    case 'object':
      return owner.isOpen ? unknown(name) : UNDEFINED;
    case 'class':
    case 'list':
    case 'native':
      return unknown(name);
    default:
      return UNDEFINED;
  }
}

/** The entries of an object, as `Object.entries` gives them. */
export function entriesOf(value: Value): [string, Value][] | null {
  if (value.kind === 'object') return [...value.properties];
  if (value.kind === 'list') return value.items.map((item, index) => [String(index), item]);
  return null;
}
