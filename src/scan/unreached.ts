import { evaluate } from './evaluate.ts';
import { ts } from './project.ts';
import { isRequest, ROUTER_NAME } from './router-parameters.ts';
import { reportUnresolved, type Module, type Run } from './run.ts';
import { lookup, optionsOf, type FunctionValue, type Value } from './values.ts';

/** How much of a call is shown as it is written. */
const MAX_WORDS = 200;
const REGISTRATION = /^(?:post|put|patch|delete|del|all)$/;
const REQUEST_NAME = /^_?(?:req|request|ctx|context|c)$/;
/** What stands in for a server in tests takes handlers as a server does. */
const STAND_IN = /mock|msw|nock|mirage|pretender|interceptor|supertest|cypress|playwright|json-server/i;
/** A mutation on what is called as routers are, with something other than data after its path. */
const HIDDEN_CALL =
  /(?:app|router|server|api|routes?|fastify|instance)\s*\.\s*(?:post|put|patch|delete|all)\s*\(\s*[^,()]+,\s*(?!\{|data\b|body\b|payload\b)|\b(?:server|fastify|app)\s*\.\s*route\s*\(\s*[^'"`\s)]/i;
/** A route as Fastify and hapi take it, in an object. */
const HIDDEN_ROUTE = /\bmethod\s*:\s*\[?\s*['"](?:post|put|patch|delete|\*)['"]/i;

/** Cheap sign of a file that registers on what a package gave it that no framework is known by. */
export function mayHideRoutes(text: string): boolean {
  return HIDDEN_CALL.test(text) || (HIDDEN_ROUTE.test(text) && /\bhandler\b/.test(text));
}

/** What all registrations of a run amount to. */
export interface Registered {
  readonly calls: ReadonlySet<ts.Node>;
  readonly handlers: ReadonlySet<ts.Node>;
  /** As registered, without what they are mounted under. */
  readonly paths: ReadonlySet<string>;
}

export function registeredIn(run: Run): Registered {
  const routes = run.graph.routers.flatMap((router) => router.routes);
  return {
    calls: new Set(routes.map(({ site }) => site.node)),
    handlers: new Set(routes.flatMap(({ handlers }) => handlers.flatMap(functionsIn))),
    paths: new Set(routes.map(({ path }) => path.path)),
  };
}

/** Calls that look like a registration, on something that turned out to be unknown or was never reached. */
export function reportUnreached(run: Run, module: Module, registered: Registered): void {
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isNamedAsRegistration(node) && !registered.calls.has(node)) {
      const target = run.targets.get(node);
      const isOther =
        target !== undefined && target !== 'unknown' && target !== 'literal' && target !== 'external';
      const isReported = isOther
        ? target === 'function' && isKeptAside(node, registered)
        : isOfPackage(module, node)
          ? registersOnPackage(run, module, node)
          : target !== 'external' && looksLikeRegistration(module, node);
      if (isReported) {
        const words = node.expression.getText().slice(0, MAX_WORDS).replaceAll(/\s+/g, '');
        reportUnresolved(run, node, `unknown_router: ${words}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(module.source);
}

/** Tells by the names alone, so that nothing is read for the sake of other calls. */
function isNamedAsRegistration({ expression, arguments: args }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const { text } = expression.name;
  return text === 'route' ? args.length > 0 : REGISTRATION.test(text) && args.length > 1;
}

/** A router of the project's own that only keeps what it is given: what answers from there is in no route. */
function isKeptAside(node: ts.CallExpression, { handlers, paths }: Registered): boolean {
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee) || !REGISTRATION.test(callee.name.text)) return false;
  const owner = callee.expression.getText().split('.').at(-1) ?? '';
  const [path] = node.arguments;
  const handler = node.arguments.at(-1);
  if (!ROUTER_NAME.test(owner) || path === undefined || !ts.isStringLiteralLike(path)) return false;
  if (handler === undefined || !isFunction(handler)) return false;
  // One that registers the path later, with a function of its own in front.
  if (paths.has(path.text.replace(/\?.*$/, ''))) return false;
  return !handlers.has(handler);
}

/** The functions that a value is made of. */
export function functionsIn(value: Value): ts.Node[] {
  switch (value.kind) {
    case 'function':
      return [value.node, ...value.madeFrom.flatMap(functionsIn)];
    case 'list':
      return value.items.flatMap(functionsIn);
    case 'union':
      return value.options.flatMap(functionsIn);
    case 'object':
      return [...value.properties.values()].flatMap((inner) =>
        inner.kind === 'function' ? [inner.node] : [],
      );
    case 'external':
      return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step.flatMap(functionsIn)));
    default:
      return [];
  }
}

function looksLikeRegistration(module: Module, node: ts.CallExpression): boolean {
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const owner = callee.expression.getText().split('.').at(-1) ?? '';
  const [path] = node.arguments;
  if (callee.name.text === 'route' && ROUTER_NAME.test(owner) && path !== undefined)
    return isRouteObject(path);
  if (!REGISTRATION.test(callee.name.text)) return false;
  const handler = node.arguments.at(-1);
  if (path === undefined || handler === undefined || path === handler) return false;
  const isRouter = ROUTER_NAME.test(owner);
  if (isFunction(handler) && isRouter && hasRequestParameter(handler)) return true;
  if (!ts.isStringLiteralLike(path) && !ts.isTemplateExpression(path)) return false;
  // `events.all('order', 'items', (order, items) => …)` waits for both.
  if (!isRouter && ts.isStringLiteralLike(path) && !/^[/*]/.test(path.text)) return false;
  if (isFunction(handler)) return handler.parameters.length >= 2;
  if (isRequest(node)) return false;
  // `router.post('/orders', create)`; `api.post('/orders', body)` sends a request.
  if (ts.isIdentifier(handler)) return isRouter && isFunctionName(module, handler.text);
  return isRouter && (ts.isPropertyAccessExpression(handler) || ts.isCallExpression(handler));
}

/**
 * A registration on what a package made that is no framework we know, such as a company's own around one. Clients
 * come from packages too and have the same verbs, so only functions that take a request are proof.
 */
function registersOnPackage(run: Run, module: Module, node: ts.CallExpression): boolean {
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee) || isStandIn(module, node)) return false;
  const [path, ...rest] = node.arguments;
  if (path === undefined) return false;
  if (callee.name.text === 'route') return holdsRouteObject(valueAt(run, module, path));
  if (!REGISTRATION.test(callee.name.text)) return false;
  return rest.some((argument) => takesRequest(valueAt(run, module, argument)));
}

/** The value of an expression as the end of its module sees it; enough for what is declared or imported there. */
function valueAt(run: Run, module: Module, node: ts.Expression): Value {
  const outer = run.undecided;
  run.undecided += 1;
  const value = evaluate(run, node, module.scope);
  run.undecided = outer;
  return value;
}

function takesRequest(value: Value): boolean {
  switch (value.kind) {
    case 'function':
      return isHandler(value) || value.madeFrom.some(takesRequest);
    case 'union':
      return value.options.some(takesRequest);
    case 'list':
      return value.items.some(takesRequest);
    case 'external':
      return value.steps.some((step) => typeof step !== 'string' && step.some(takesRequest));
    default:
      return false;
  }
}

function isHandler({ node }: FunctionValue): boolean {
  const [first] = node.parameters;
  return first !== undefined && ts.isIdentifier(first.name) && REQUEST_NAME.test(first.name.text);
}

function holdsRouteObject(value: Value): boolean {
  if (value.kind === 'list') return value.items.some(holdsRouteObject);
  if (value.kind !== 'object') return false;
  const { properties } = value;
  return properties.has('method') && (properties.has('url') || properties.has('path'));
}

/** `{ method: 'POST', url: '/orders', handler }`, as Fastify and hapi take it. */
function isRouteObject(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.some(isRouteObject);
  if (!ts.isObjectLiteralExpression(node)) return false;
  const names = node.properties.map((property) => property.name?.getText());
  const has = (...any: readonly string[]): boolean => any.some((name) => names.includes(name));
  return has('url', 'path') && has('handler', 'options', 'config') && mayMutate(node);
}

/** Whether the method of a route may be one of a mutation. */
function mayMutate({ properties }: ts.ObjectLiteralExpression): boolean {
  const method = properties.find((property) => property.name?.getText() === 'method');
  if (method === undefined) return false;
  const written = ts.isPropertyAssignment(method) ? method.initializer : undefined;
  return (
    written === undefined || !ts.isStringLiteralLike(written) || !/^(?:get|head|options)$/i.test(written.text)
  );
}

function hasRequestParameter(node: ts.FunctionLikeDeclaration): boolean {
  const [first] = node.parameters;
  return first !== undefined && ts.isIdentifier(first.name) && REQUEST_NAME.test(first.name.text);
}

function isFunctionName(module: Module, name: string): boolean {
  return lookup(module.scope, name)?.kind === 'function';
}

/** `axios.post(…)`: the receiver is known to be something of a package. */
function isOfPackage(module: Module, node: ts.CallExpression): boolean {
  const value = rootValue(module, node);
  return value !== undefined && optionsOf(value).every((option) => option.kind === 'external');
}

function isStandIn(module: Module, node: ts.CallExpression): boolean {
  const value = rootValue(module, node);
  return (
    value !== undefined &&
    optionsOf(value).some((option) => option.kind === 'external' && STAND_IN.test(option.from))
  );
}

function rootValue(module: Module, node: ts.CallExpression): Value | undefined {
  let root: ts.Expression = node.expression;
  while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) root = root.expression;
  if (!ts.isIdentifier(root)) return undefined;
  const found = module.scope.names.get(root.text);
  return typeof found === 'function' ? found() : found;
}

export function isFunction(
  node: ts.Node,
): node is ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction {
  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node);
}
