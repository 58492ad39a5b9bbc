import type { ts } from './project.ts';
import type { RouterNode } from './route-graph.ts';

/**
 * What an expression of the scanned project stands for, as far as its sources alone tell. The scanner follows
 * these values through variables, calls, modules and classes; a value only the running program knows is
 * `unknown` and carries the words it was written with.
 */
export type Value =
  | LiteralValue
  | TextValue
  | RegexValue
  | ListValue
  | ObjectValue
  | FunctionValue
  | ClassValue
  | NativeValue
  | RouterValue
  | ExternalValue
  | UnionValue
  | UnknownValue;

/** Where a string was written, or each of its parts; only in a run that explains itself. */
export type Origins = readonly ts.Node[];

export interface LiteralValue {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null | undefined;
  readonly origins?: Origins;
}

/** A string of which some parts are unknown. */
export interface TextValue {
  readonly kind: 'text';
  readonly parts: readonly TextPart[];
  readonly origins?: Origins;
}

export type TextPart = string | { readonly hole: string };

export interface RegexValue {
  readonly kind: 'regex';
  readonly source: string;
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: Value[];
  /** It may have items that are not listed. */
  readonly isOpen?: boolean;
}

/** An object literal, a module's namespace, or an instance when `class` is set. */
export interface ObjectValue {
  readonly kind: 'object';
  readonly properties: Map<string, Value>;
  readonly class: ClassValue | null;
  /** Where a literal is written. */
  readonly node?: ts.Node;
  /** The function that `new` called. */
  readonly madeBy?: ts.Node;
  /** It may have properties that are not listed. */
  isOpen: boolean;
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly node: ts.FunctionLikeDeclaration;
  readonly scope: Scope;
  readonly name: string | null;
  readonly self: Value | null;
  /** Arguments of the call that returned this function: what a wrapper such as `asyncHandler(fn)` wrapped. */
  readonly madeFrom: readonly Value[];
  readonly properties: Map<string, Value>;
}

export interface ClassValue {
  readonly kind: 'class';
  readonly node: ts.ClassLikeDeclaration;
  readonly scope: Scope;
  readonly base: Value | null;
  readonly properties: Map<string, Value>;
}

/** A function of the language, of a framework or of an object that a framework returns. */
export interface NativeValue {
  readonly kind: 'native';
  readonly call: (args: readonly Value[], site: Site) => Value;
  readonly member?: (name: string) => Value | undefined;
  /** What a loop over it meets. */
  readonly items?: () => readonly Value[];
}

export interface RouterValue {
  readonly kind: 'router';
  readonly router: RouterNode;
  /** Properties the project puts on it. */
  readonly properties: Map<string, Value>;
  /** The project's own class that extends the framework's. */
  readonly class?: ClassValue;
}

/** Something of a package, with the members read (`string`) and the calls made (`Value[]`) since its import. */
export interface ExternalValue {
  readonly kind: 'external';
  readonly from: string;
  readonly steps: readonly (string | readonly Value[])[];
  readonly origins?: Origins;
}

/** One of several, depending on what the running program decides. */
export interface UnionValue {
  readonly kind: 'union';
  readonly options: readonly Value[];
}

export interface UnknownValue {
  readonly kind: 'unknown';
  /** How the source spells it. */
  readonly text: string;
  /** What it comes to where `NODE_ENV` is `production`, if that alone decides it. */
  readonly inProduction?: boolean;
  readonly origins?: Origins;
}

/** A place in the scanned project, for reports. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly node: ts.Node;
  /** The calls that led here, outermost first; only in a run that explains itself. */
  readonly via?: readonly FollowedCall[];
}

/** A function of the project that was looked into, and the call that was followed; null where there is none. */
export interface FollowedCall {
  readonly node: ts.Node;
  readonly call: ts.Node | null;
}

/** Names visible at a place. `this` is an ordinary name; imports are read when first used. */
export interface Scope {
  readonly file: string;
  readonly names: Map<string, Value | (() => Value)>;
  readonly parent: Scope | null;
}

export const UNDEFINED: LiteralValue = { kind: 'literal', value: undefined };

export function literal(value: LiteralValue['value']): LiteralValue {
  return { kind: 'literal', value };
}

export function unknown(text: string): UnknownValue {
  return { kind: 'unknown', text: text.length > 60 ? `${text.slice(0, 57)}...` : text };
}

export function list(items: Iterable<Value>): ListValue {
  return { kind: 'list', items: [...items] };
}

export function object(entries: Iterable<readonly [string, Value]> = []): ObjectValue {
  return { kind: 'object', properties: new Map(entries), class: null, isOpen: false };
}

export function native(call: NativeValue['call']): NativeValue {
  return { kind: 'native', call };
}

export function external(from: string, steps: ExternalValue['steps'] = []): ExternalValue {
  return { kind: 'external', from, steps };
}

/** The members read since the import, without calls: `express.Router` is `['Router']`. */
export function memberPath(value: ExternalValue): string[] {
  return value.steps.filter((step) => typeof step === 'string');
}

/** The property that a computed key names; `HttpStatus.CREATED` of a package is known by its name alone. */
export function keyOf(value: Value): string | null {
  if (value.kind === 'external') return memberPath(value).at(-1) ?? null;
  return value.kind === 'literal' ? String(value.value) : null;
}

/** More alternatives than this tell nothing about a route; the further ones are dropped. */
const MAX_OPTIONS = 16;

/** Joins alternatives; an alternative already there is not repeated. */
export function union(values: readonly Value[]): Value {
  const options: Value[] = [];
  for (const value of values.flatMap((value) => (value.kind === 'union' ? value.options : [value]))) {
    const isKnown = options.some(
      (option) =>
        option === value ||
        (option.kind === 'literal' && value.kind === 'literal' && option.value === value.value),
    );
    // A router that is left out would take its routes with it.
    if (!isKnown && (options.length < MAX_OPTIONS || value.kind === 'router')) options.push(value);
  }
  return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'union', options };
}

export function optionsOf(value: Value): readonly Value[] {
  return value.kind === 'union' ? value.options : [value];
}

export function isUndefined(value: Value): boolean {
  return value.kind === 'literal' && value.value === undefined;
}

/** True or false where the sources decide it, else null. */
export function truth(value: Value): boolean | null {
  switch (value.kind) {
    case 'literal':
      return Boolean(value.value);
    case 'text':
    case 'external':
    case 'union':
    case 'unknown':
      return null;
    default:
      return true;
  }
}

/** The value as (part of) a string; unknown parts become holes. */
export function textParts(value: Value): TextPart[] {
  switch (value.kind) {
    case 'literal':
      // No path is meant to say `undefined`: what is missing here is there when the program runs.
      return [value.value === undefined ? { hole: 'undefined' } : String(value.value)];
    case 'text':
      return [...value.parts];
    case 'union': {
      const known = value.options.find((option) => option.kind === 'literal');
      return [{ hole: known?.kind === 'literal' ? String(known.value) : 'value' }];
    }
    case 'unknown':
      return [{ hole: value.text }];
    case 'external':
      return [{ hole: [value.from, ...memberPath(value)].join('.') }];
    default:
      return [{ hole: value.kind }];
  }
}

/** A string value from parts: a literal where all of them are known. */
export function text(parts: readonly TextPart[], madeOf: readonly Value[] = []): Value {
  const origins = originsOf(madeOf);
  const kept = origins.length === 0 ? {} : { origins };
  if (parts.every((part) => typeof part === 'string')) return { ...literal(parts.join('')), ...kept };
  return { kind: 'text', parts, ...kept };
}

/** Where values were written, as far as the run kept it. */
export function originsOf(values: readonly Value[]): Origins {
  return values.flatMap((value) => {
    if (value.kind === 'union') return originsOf(value.options);
    return 'origins' in value ? (value.origins ?? []) : [];
  });
}

export function lookup(scope: Scope, name: string): Value | undefined {
  for (let current: Scope | null = scope; current !== null; current = current.parent) {
    const found = current.names.get(name);
    if (found === undefined) continue;
    if (typeof found !== 'function') return found;
    const value = found();
    current.names.set(name, value);
    return value;
  }
  return undefined;
}

export function childScope(parent: Scope): Scope {
  return { file: parent.file, names: new Map(), parent };
}
