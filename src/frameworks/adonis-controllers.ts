import { option } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { ClassValue, FunctionValue, Site, Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

/**
 * The function behind a handler: a function itself, `[Controller, 'method']` with a class or a lazy import of one, or
 * `'Controller.method'`. A controller without a method is asked for `handle`; a resource asks for its actions.
 */
export function controllerAction(handler: Value, action: string | null, site: Site, routing: Routing): Value {
  if (handler.kind === 'list') {
    const [controller, method] = handler.items;
    const name = action ?? (method?.kind === 'literal' ? String(method.value) : 'handle');
    return controller === undefined ? handler : methodOf(controller, name, site, routing);
  }
  if (handler.kind === 'literal' && typeof handler.value === 'string') {
    const [path = '', name] = splitName(handler.value);
    const file = controllerFile(path, routing);
    const controller = file === undefined ? undefined : routing.load(file);
    return controller === undefined
      ? handler
      : methodOf(controller, action ?? name ?? 'handle', site, routing);
  }
  return action === null ? handler : methodOf(handler, action, site, routing);
}

function splitName(text: string): [string, string | undefined] {
  const dot = text.lastIndexOf('.');
  return dot === -1 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

function controllerFile(path: string, routing: Routing): string | undefined {
  const wanted = `/${path.replace(/^#controllers\/|^App\/Controllers\/(?:Http\/)?|^#/i, '')}`.toLowerCase();
  return routing.files.find((file) => {
    const name = file.replace(/\.[cm]?[jt]s$/, '').toLowerCase();
    return name.endsWith(wanted) && name.includes('/controllers/');
  });
}

function methodOf(controller: Value, name: string, site: Site, routing: Routing): Value {
  const loaded = controller.kind === 'function' ? routing.call(controller, [], site) : controller;
  const type = loaded.kind === 'class' ? loaded : option(loaded, 'default');
  return type?.kind === 'class' ? (memberFunction(type, name) ?? controller) : controller;
}

function memberFunction(type: ClassValue, name: string): FunctionValue | null {
  for (let current: Value | null = type; current?.kind === 'class'; current = current.base) {
    for (const member of current.node.members) {
      if (member.name?.getText() !== name) continue;
      const node = ts.isPropertyDeclaration(member) ? member.initializer : member;
      if (node === undefined) continue;
      if (!ts.isMethodDeclaration(node) && !ts.isArrowFunction(node) && !ts.isFunctionExpression(node))
        continue;
      return {
        kind: 'function',
        node,
        scope: current.scope,
        name,
        self: null,
        madeFrom: [],
        properties: new Map(),
      };
    }
  }
  return null;
}
