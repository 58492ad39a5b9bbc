import { mutationMethod } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { FunctionValue, Site, Value } from '../scan/values.ts';
import type { ExportedValue, Routing } from './framework.ts';
import { methodNamesIn } from './method-lists.ts';
import { methodUse, propertyNode, type AnsweredMethod } from './method-tests.ts';

/** One method that an API route of the pages router answers. */
export interface MethodBranch {
  readonly method: MutationMethod;
  readonly site: Site;
  readonly handler: Value;
}

/**
 * The methods that the default export of an API route tells apart. One that never looks at the method answers all
 * of them.
 */
export function methodBranches(main: ExportedValue, routing: Routing): MethodBranch[] {
  const functions = functionsIn(main.value);
  const uses = functions.map((handler) => ({ handler, use: methodUse(handler, routing) }));
  const asking = uses.filter(({ use }) => use.isAsked);
  const answered = asking.flatMap(({ handler, use }) =>
    use.answered.map((branch) => branchOf(branch, handler, main, routing)),
  );
  if (answered.length > 0) return unique(answered);
  const given = wrapperArguments(main.value).map(methodNamesIn);
  const kept = uses.map(({ use }) => use.listed);
  const listed = [...kept, ...given].find((methods) => methods !== null);
  const handler = uses[0]?.use.innermost ?? main.value;
  if (listed != null) return listed.map((method) => ({ method, site: main.site, handler }));
  const maps = wrapperArguments(main.value).filter((value) => value.kind === 'object' && isMethodMap(value));
  if (maps.length > 0) return unique(maps.flatMap((map) => branchesOfMap(map, main, routing)));
  const isRefused = (asking.length > 0 ? asking : uses).some(({ use }) => !use.takesAny);
  return isRefused ? [] : [{ method: 'ALL', site: main.site, handler }];
}

function branchOf(
  { method, node, handler: own }: AnsweredMethod,
  handler: FunctionValue,
  main: ExportedValue,
  routing: Routing,
): MethodBranch {
  return { method, site: siteHere(node, main, routing), handler: moduleMain(own ?? handler) };
}

/** A route is registered by its own file, wherever its method is told. */
function siteHere(node: Site['node'], main: ExportedValue, routing: Routing): Site {
  const site = routing.siteOf(node);
  return site.file === main.site.file ? site : main.site;
}

/** `import('./_post')` stands for what that file exports by default. */
function moduleMain(value: Value): Value {
  return value.kind === 'object' ? (value.properties.get('default') ?? value) : value;
}

function isMethodMap(value: Value & { kind: 'object' }): boolean {
  return [...value.properties.keys()].some((name) => /^(?:get|post|put|patch|delete)$/i.test(name));
}

/** `{ GET: list, POST: create }` given to a wrapper. */
function branchesOfMap(map: Value, main: ExportedValue, routing: Routing): MethodBranch[] {
  if (map.kind !== 'object') return [];
  return [...map.properties].flatMap(([name, handler]) => {
    const method = mutationMethod(name);
    const node = propertyNode(map, name);
    const site = node === null ? main.site : siteHere(node, main, routing);
    return method === undefined ? [] : [{ method, site, handler: moduleMain(handler) }];
  });
}

function unique(branches: readonly MethodBranch[]): MethodBranch[] {
  return branches.filter(
    (branch, index) => branches.findIndex(({ method }) => method === branch.method) === index,
  );
}

/** What the calls that made a value were given, innermost included. */
function wrapperArguments(value: Value): Value[] {
  switch (value.kind) {
    case 'function':
      return value.madeFrom.flatMap((argument) => [argument, ...wrapperArguments(argument)]);
    case 'external':
      return value.steps.flatMap((step) =>
        typeof step === 'string' ? [] : step.flatMap((argument) => [argument, ...wrapperArguments(argument)]),
      );
    default:
      return [];
  }
}

/** The function that is exported, and those that it wraps. */
function functionsIn(value: Value): FunctionValue[] {
  if (value.kind === 'function') return [value, ...value.madeFrom.flatMap(functionsIn)];
  if (value.kind === 'union') return value.options.flatMap(functionsIn);
  if (value.kind !== 'external') return [];
  return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step.flatMap(functionsIn)));
}
