import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, posix, resolve } from 'node:path';
import { entriesOf } from './members.ts';
import { callValue } from './call.ts';
import { mapValue, setValue } from './collections.ts';
import { globbed, isGlobCall } from './file-globs.ts';
import { iterated } from './iterables.ts';
import { callListFunction } from './list-functions.ts';
import type { ts } from './project.ts';
import type { Run } from './run.ts';
import { callSettings } from './settings.ts';
import {
  list,
  literal,
  object,
  text,
  textParts,
  union,
  unknown,
  type ExternalValue,
  type Value,
} from './values.ts';

/** Calls of the language and of Node whose result the sources decide; undefined for all others. */
export function callGlobal(
  run: Run,
  target: ExternalValue,
  args: readonly Value[],
  node: ts.Node,
): Value | undefined {
  const settings = callSettings(target, args);
  if (settings !== undefined) return settings;
  if (target.steps.some((step) => typeof step !== 'string')) return undefined;
  const steps = target.steps.filter((step) => step !== 'default');
  const name = [target.from.replace(/^node:/, ''), ...steps].join('.').replace('path.posix.', 'path.');
  const [first, second] = args;
  const call = (callback: Value, given: readonly Value[]): Value => callValue(run, callback, given, node);
  if (first !== undefined && isGlobCall(target)) {
    const found = globbed(run.project, first, second);
    const callback = args.find((arg) => arg.kind === 'function');
    return callback === undefined ? found : call(callback, [literal(null), found]);
  }
  switch (name) {
    case 'Map':
    case 'WeakMap':
      return mapValue(first, call);
    case 'Set':
    case 'WeakSet':
      return setValue(first, call);
    case 'Object.keys':
      return mapEntries(first, ([key]) => literal(key));
    case 'Object.values':
      return mapEntries(first, ([, value]) => value);
    case 'Object.entries': {
      return mapEntries(first, ([key, value]) => list([literal(key), value]));
    }
    case 'Object.fromEntries':
      return fromEntries(first);
    case 'Object.freeze':
    case 'Object.seal':
    case 'Promise.resolve':
    case 'structuredClone':
      return first ?? unknown(name);
    case 'Promise.all':
    case 'Array.from': {
      const items = first === undefined ? null : iterated(first);
      return items === null ? unknown(node.getText()) : mapped(run, items, second, node);
    }
    case 'Array.of':
      return list(args);
    case 'Array.isArray':
      return isList(first);
    case 'Object.assign':
      return assigned(args);
    case 'String':
      return first === undefined ? literal('') : text(textParts(first), [first]);
    case 'encodeURI':
      return first;
    case 'path.join':
    case 'path/posix.join':
    case 'path.resolve':
      return joined(name.endsWith('resolve') ? run.project.root : null, args);
    case 'path.dirname':
    case 'path.basename':
    case 'path.extname':
      return pathPart(name, args);
    case 'url.fileURLToPath':
      return first;
    case 'desm':
    case 'desm.dirname':
      return pathPart('path.dirname', args);
    case 'desm.join':
      return joined(null, [pathPart('path.dirname', args), ...args.slice(1)]);
    case 'url.parse':
      return parsedUrl(first);
    case 'RegExp':
      return expression(first);
    case 'URL':
      return relativeUrl(first, second);
    case 'process.cwd':
      return literal(run.project.root);
    case 'fs.readdirSync':
    case 'fs.promises.readdir':
    case 'fs/promises.readdir':
      return folderEntries(first, second);
    case 'fs.existsSync':
      return first?.kind === 'literal' ? literal(existsSync(String(first.value))) : undefined;
    case 'require.resolve':
      return first;
    case 'semver.major':
    case 'semver.minor':
    case 'semver.patch':
    case 'semver/functions/major':
      return versionPart(name, first);
    default:
      return callListFunction(run, target, args, node);
  }
}

function isList(value: Value | undefined): Value {
  const isUnknown = value === undefined || /^(?:unknown|external|union|native)$/.test(value.kind);
  return isUnknown ? unknown('Array.isArray') : literal(value.kind === 'list');
}

function mapEntries(value: Value | undefined, use: (entry: [string, Value]) => Value): Value {
  const entries = value === undefined ? null : entriesOf(value);
  if (value === undefined || entries === null) return unknown('entries');
  return { ...list(entries.map(use)), isOpen: value.kind === 'object' && value.isOpen };
}

function mapped(run: Run, items: readonly Value[], callback: Value | undefined, node: ts.Node): Value {
  if (callback === undefined) return list(items);
  return list(items.map((item, index) => callValue(run, callback, [item, literal(index)], node)));
}

function fromEntries(value: Value | undefined): Value {
  const made = object();
  if (value?.kind !== 'list') return unknown('Object.fromEntries');
  for (const entry of value.items) {
    const [key, item] = entry.kind === 'list' ? entry.items : [];
    if (key?.kind === 'literal' && item !== undefined) made.properties.set(String(key.value), item);
    else made.isOpen = true;
  }
  return made;
}

function assigned(args: readonly Value[]): Value {
  const [target, ...sources] = args;
  if (target === undefined) return unknown('Object.assign');
  if (target.kind !== 'object' && target.kind !== 'function' && target.kind !== 'router') return target;
  for (const source of sources) {
    if (source.kind !== 'object') {
      if (target.kind === 'object' && source.kind !== 'literal') target.isOpen = true;
      continue;
    }
    for (const [name, value] of source.properties) target.properties.set(name, value);
  }
  return target;
}

/** `path.join`, or `path.resolve` from a folder. */
function joined(from: string | null, args: readonly Value[]): Value {
  const choice = args.findIndex((arg) => arg.kind === 'union');
  const chosen = args[choice];
  if (chosen?.kind === 'union') {
    return union(chosen.options.map((option) => joined(from, args.with(choice, option))));
  }
  const strings = args.map((arg) => (arg.kind === 'literal' ? String(arg.value) : null));
  if (strings.every((part) => part !== null)) {
    return text([from === null ? posix.join(...strings) : resolve(from, ...strings)], args);
  }
  return text(
    args.flatMap((arg, index) => [...(index === 0 ? [] : ['/']), ...textParts(arg)]),
    args,
  );
}

/** `/v${semver.major(manifest.version)}` */
function versionPart(name: string, version: Value | undefined): Value | undefined {
  const parts = version?.kind === 'literal' ? /^v?(\d+)\.(\d+)\.(\d+)/.exec(String(version.value)) : null;
  if (parts === null) return undefined;
  return literal(Number(parts[name.endsWith('major') ? 1 : name.endsWith('minor') ? 2 : 3]));
}

/** The parts of a URL that prefixes are made of. */
function parsedUrl(url: Value | undefined): Value | undefined {
  const text = url?.kind === 'literal' ? String(url.value) : '';
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed === null) return undefined;
  const path = literal(`${parsed.pathname}${parsed.search}`);
  const made = object([
    ['path', path],
    ['pathname', literal(parsed.pathname)],
    ['origin', literal(parsed.origin)],
  ]);
  made.isOpen = true;
  return made;
}

/** `new RegExp('^/api')` */
function expression(source: Value | undefined): Value | undefined {
  if (source?.kind === 'regex') return source;
  return source?.kind === 'literal' ? { kind: 'regex', source: String(source.value) } : undefined;
}

/** `new URL('./routes', import.meta.url)` */
function relativeUrl(path: Value | undefined, base: Value | undefined): Value | undefined {
  if (base === undefined) return parsedUrl(path);
  if (path?.kind !== 'literal' || base?.kind !== 'literal' || !isAbsolute(String(base.value)))
    return undefined;
  return literal(resolve(posix.dirname(String(base.value)), String(path.value)));
}

function pathPart(name: string, args: readonly Value[]): Value {
  const [path, suffix] = args;
  if (path?.kind !== 'literal') return unknown(name);
  const value = String(path.value);
  if (name === 'path.dirname') return literal(posix.dirname(value));
  if (name === 'path.extname') return literal(posix.extname(value));
  return literal(posix.basename(value, suffix?.kind === 'literal' ? String(suffix.value) : undefined));
}

/** `readdirSync(__dirname).forEach((file) => app.use(require(file)))`: the folder is part of the sources. */
function folderEntries(folder: Value | undefined, options: Value | undefined): Value {
  if (folder?.kind !== 'literal' || options?.kind === 'object') return unknown('readdir');
  const path = String(folder.value);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return unknown('readdir');
  return list(
    readdirSync(path)
      .sort()
      .map((name) => literal(name)),
  );
}

/** `import.meta`: a file's URL is its path here, since `fileURLToPath` and `new URL` are followed. */
export function importMeta(node: ts.MetaProperty): Value {
  const file = node.getSourceFile().fileName;
  return object([
    ['url', literal(file)],
    ['filename', literal(file)],
    ['dirname', literal(dirname(file))],
  ]);
}
