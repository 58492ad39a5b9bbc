import { callFunction, functionValue } from './functions.ts';
import { calledNames } from './called-names.ts';
import { importedNames } from './imported-names.ts';
import { ts } from './project.ts';
import type { Module, Run } from './run.ts';
import { UNDEFINED, unknown, type Value } from './values.ts';

/** `app.use('/api', router)`, `this.app.use(router)`: cheap sign of code that mounts. */
export const MOUNT_TEXT = /(?:app|router|server)\s*\.\s*use\s*\(\s*[^)\s]/i;

/** What a setup does to an application, or one of the parts that it is set up with. */
const SETUP_TEXT =
  /\.\s*(?:use|route|post|put|patch|delete|all|register|openapi|setGlobalPrefix|enableVersioning)\s*\(/;
/** How many functions may lie between an entry and what registers. */
const MAX_LEVELS = 3;

type Callable = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction;

interface Candidate {
  readonly module: Module;
  readonly node: Callable;
}

/**
 * Functions that nothing we see calls, but that set an application up by calling what does: `export async function
 * start() { const server = new Server(); await server.mount(); }`, called by a script of the package. The arguments
 * that they give are the true ones, so they are followed before what they call is followed without any.
 */
export function followEntries(run: Run): void {
  const candidates = [...run.modules.values()].flatMap(topLevelFunctions);
  const wanted = new Set<ts.Node>();
  for (const module of run.modules.values()) {
    for (const value of module.scope.names.values()) {
      if (typeof value === 'function' || (value.kind !== 'function' && value.kind !== 'class')) continue;
      if (!run.followed.has(value.node) && SETUP_TEXT.test(value.node.getText())) wanted.add(value.node);
    }
  }
  const levels: Candidate[][] = [];
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const names = namesOf(wanted);
    const callers = candidates.filter(
      ({ node, module }) =>
        !run.followed.has(node) &&
        (level === 0 || !wanted.has(node)) &&
        mentions(module, node, wanted, names),
    );
    if (callers.length === 0) break;
    levels.push(callers);
    for (const { node } of callers) wanted.add(node);
  }
  for (const { node, module } of levels.reverse().flat()) {
    if (run.followed.has(node) || node.parameters.some(({ name }) => !ts.isIdentifier(name))) continue;
    const args = node.parameters.map(({ name, initializer }): Value =>
      initializer === undefined ? unknown(name.getText()) : UNDEFINED,
    );
    if (node.parameters.length <= 1) callFunction(run, functionValue(node, module.scope), args);
  }
}

function topLevelFunctions(module: Module): Candidate[] {
  const found: Candidate[] = [];
  for (const statement of module.source.statements) {
    if (ts.isFunctionDeclaration(statement)) found.push({ module, node: statement });
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined) continue;
      if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) {
        found.push({ module, node: initializer });
      }
    }
  }
  return found;
}

/** Whether a function calls or constructs one of `wanted`, by a name of its module. */
function mentions(
  module: Module,
  node: Callable,
  wanted: ReadonlySet<ts.Node>,
  names: ReadonlySet<string>,
): boolean {
  const imported = importedNames(module.source);
  // What another file exports under another name is not what is wanted: it need not be read.
  const mayBeWanted = (name: string): boolean => {
    const original = imported.get(name)?.name ?? name;
    return names.has(original) || original === 'default';
  };
  return calledNames(node).some((name) => {
    const found = module.scope.names.get(name);
    const value = typeof found !== 'function' ? found : mayBeWanted(name) ? found() : undefined;
    const isCallable = value?.kind === 'function' || value?.kind === 'class';
    return isCallable && value.node !== node && wanted.has(value.node);
  });
}

/** The names that functions and classes are declared by. */
function namesOf(nodes: ReadonlySet<ts.Node>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    const owner = ts.isFunctionLike(node) || ts.isClassLike(node) ? (node.name ?? node.parent) : node;
    const name = ts.isVariableDeclaration(owner) || ts.isPropertyAssignment(owner) ? owner.name : owner;
    if (ts.isIdentifier(name)) names.add(name.text);
  }
  return names;
}
