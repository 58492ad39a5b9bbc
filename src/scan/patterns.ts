import { pathFromParts, type PathPattern } from './paths.ts';
import { pathOfRegex } from './regex-paths.ts';
import type { MutationMethod } from './report.ts';
import type { RouterNode } from './route-graph.ts';
import { optionsOf, originsOf, textParts, type Value } from './values.ts';

/** The paths that a value given as one stands for. */
export function patternsOf(path: Value): PathPattern[] {
  const origins = path.kind === 'list' ? [] : originsOf([path]);
  const patterns = plainPatterns(path);
  return origins.length === 0 ? patterns : patterns.map((pattern) => ({ ...pattern, origins }));
}

function plainPatterns(path: Value): PathPattern[] {
  switch (path.kind) {
    case 'list':
      return path.items.flatMap(patternsOf);
    case 'union': {
      const patterns = path.options.flatMap(patternsOf);
      const known = patterns.find((pattern) => !pattern.isPartial);
      return [{ path: (known ?? patterns[0])?.path ?? '', isPartial: true }];
    }
    case 'regex': {
      const known = pathOfRegex(path.source);
      return [
        known === null ? { path: `{/${path.source}/}`, isPartial: true } : { path: known, isPartial: false },
      ];
    }
    case 'literal':
      if (typeof path.value === 'string') return [{ path: path.value, isPartial: false }];
      return [{ path: '{path}', isPartial: true }];
    default:
      return [pathFromParts(textParts(path))];
  }
}

/** Paths whose parameters are written `{id}`, `{id?}` and `{rest*}`. */
export function bracedPatterns(path: Value): PathPattern[] {
  const converted = (part: string): string =>
    part.replaceAll(/\{\w+\*\d*\}/g, '*').replaceAll(/\{(\w+)\??\}/g, ':$1');
  if (path.kind === 'list') return path.items.flatMap(bracedPatterns);
  if (path.kind === 'literal') return patternsOf({ ...path, value: converted(String(path.value)) });
  if (path.kind !== 'text') return patternsOf(path);
  return patternsOf({
    ...path,
    parts: path.parts.map((part) => (typeof part === 'string' ? converted(part) : part)),
  });
}

const METHODS: ReadonlyMap<string, MutationMethod> = new Map([
  ['POST', 'POST'],
  ['PUT', 'PUT'],
  ['PATCH', 'PATCH'],
  ['DELETE', 'DELETE'],
  ['DEL', 'DELETE'],
  ['ALL', 'ALL'],
  ['*', 'ALL'],
]);

/** The mutation that a method's name stands for, in any case; undefined for `get` and all else. */
export function mutationMethod(name: string): MutationMethod | undefined {
  return METHODS.get(name.toUpperCase());
}

/** The mutations among the methods that a value names: a string, a list of them or a choice. */
export function mutationMethods(value: Value): MutationMethod[] {
  switch (value.kind) {
    case 'literal': {
      const method = mutationMethod(String(value.value));
      return method === undefined ? [] : [method];
    }
    case 'list':
      return value.items.flatMap(mutationMethods);
    case 'union':
      return value.options.flatMap(mutationMethods);
    default:
      return [];
  }
}

export function flat(value: Value): readonly Value[] {
  return value.kind === 'list' ? value.items.flatMap(flat) : [value];
}

/** Routers in a value, also inside what wraps them: `vhost('api.example.com', app)`. */
export function routersIn(value: Value): RouterNode[] {
  switch (value.kind) {
    case 'router':
      return [value.router];
    case 'union':
      return optionsOf(value).flatMap(routersIn);
    case 'list':
      return value.items.flatMap(routersIn);
    case 'function':
      return value.madeFrom.flatMap(routersIn);
    case 'external':
      return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step.flatMap(routersIn)));
    case 'object': {
      const main = value.properties.get('default');
      return main === undefined ? [] : routersIn(main);
    }
    default:
      return [];
  }
}

/** A property of an options object; undefined where it is missing or the value is no object. */
export function option(value: Value | undefined, name: string): Value | undefined {
  if (value?.kind === 'union') {
    return value.options.map((choice) => option(choice, name)).find((found) => found !== undefined);
  }
  return value?.kind === 'object' ? value.properties.get(name) : undefined;
}
