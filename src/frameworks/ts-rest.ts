// https://ts-rest.com/docs/core/, /docs/express/, /docs/fastify/, /docs/nest/ and /docs/serverless/fetch-runtimes/
import { handlerOf } from '../scan/handlers.ts';
import { EMPTY_PATH, joinPatterns, type PathPattern } from '../scan/paths.ts';
import { option, patternsOf, routersIn } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { returnedExpressions } from '../scan/responses.ts';
import { addMount, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import {
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  unknown,
  type ExternalValue,
  type NativeValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';
import { contractMaker, declarationsOf, endpointsOf, methodsOf, type Endpoint } from './ts-rest-contracts.ts';

const packages = [
  '@ts-rest/core',
  '@ts-rest/express',
  '@ts-rest/fastify',
  '@ts-rest/nest',
  '@ts-rest/next',
  '@ts-rest/serverless',
  '@ts-rest/serverless/aws',
  '@ts-rest/serverless/azure',
  '@ts-rest/serverless/fetch',
  '@ts-rest/serverless/next',
];

/** The contract that the handlers of an object answer. */
const contracts = new WeakMap<RouteGraph, Map<Value, Value>>();

const tsRest: Framework = {
  id: 'ts-rest',
  title: 'ts-rest',
  packages,
  routerTypes: [],
  create(reference, args, site, routing) {
    const [first = UNDEFINED, second = UNDEFINED, third = UNDEFINED, fourth] = args;
    switch (memberPath(reference).at(-1)) {
      case 'initContract':
        return contractMaker();
      case 'nestControllerContract':
        return first;
      case 'initServer':
        return serverMaker(routing);
      case 'router':
      case 'createNextRoute':
        return isOfPackage(reference) ? answering(first, second, routing) : undefined;
      case 'createExpressEndpoints':
        serve(first, second, third, EMPTY_PATH, site, routing);
        return UNDEFINED;
      case 'createNextHandler':
      case 'createNextRouter':
      case 'createLambdaHandler':
      case 'createAzureFunctionHandler':
        serve(first, second, UNDEFINED, basePath(third), site, routing);
        return unknown('handler');
      case 'fetchRequestHandler': {
        const [contract, answers] = [option(first, 'contract'), option(first, 'router')];
        const base = basePath(option(first, 'options') ?? fourth);
        serve(contract ?? UNDEFINED, answers ?? UNDEFINED, UNDEFINED, base, site, routing);
        return unknown('response');
      }
      default:
        return undefined;
    }
  },
  handlers: {
    // `{ status: 201, body: order }`
    responses: (handler) =>
      returnedExpressions(handler).flatMap((expression) => {
        const inner = ts.isAsExpression(expression) ? expression.expression : expression;
        if (!ts.isObjectLiteralExpression(inner)) return [];
        return inner.properties.flatMap((property) => {
          if (property.name?.getText() !== 'body') return [];
          if (ts.isPropertyAssignment(property)) return [property.initializer];
          return ts.isShorthandPropertyAssignment(property) ? [property.name] : [];
        });
      }),
    isRequestBody(expression, handler) {
      const request = handler.parameters[0]?.name;
      if (request === undefined) return false;
      if (ts.isIdentifier(request)) return expression.getText() === `${request.text}.body`;
      return (
        ts.isIdentifier(expression) &&
        ts.isObjectBindingPattern(request) &&
        request.elements.some(
          ({ name, propertyName }) =>
            name.getText() === expression.text && (propertyName ?? name).getText() === 'body',
        )
      );
    },
    isHandler: () => true,
  },
};

export default tsRest;

/** `tsr.router(…)` of the serverless packages, which is a member of what is imported. */
function isOfPackage({ from }: ExternalValue): boolean {
  return from.startsWith('@ts-rest/serverless') || from === '@ts-rest/next';
}

function serverMaker(routing: Routing): NativeValue {
  return {
    ...native(() => UNDEFINED),
    member(name) {
      switch (name) {
        case 'router':
          return native(([contract = UNDEFINED, answers = UNDEFINED]) =>
            answering(contract, answers, routing),
          );
        case 'route':
          return native(([, answer = UNDEFINED]) => answer);
        case 'registerRouter':
          return native(([contract = UNDEFINED, answers = UNDEFINED, app = UNDEFINED], site) => {
            serve(contract, answers, app, EMPTY_PATH, site, routing);
            return UNDEFINED;
          });
        case 'plugin':
          return native(([answers = UNDEFINED]) =>
            native(([app = UNDEFINED], site) => {
              serve(contractOf(answers, routing), answers, app, EMPTY_PATH, site, routing);
              return UNDEFINED;
            }),
          );
        default:
          return undefined;
      }
    },
  };
}

function answering(contract: Value, answers: Value, routing: Routing): Value {
  const known = contracts.get(routing.graph) ?? new Map<Value, Value>();
  contracts.set(routing.graph, known.set(answers, contract));
  return answers;
}

function contractOf(answers: Value, routing: Routing): Value {
  return contracts.get(routing.graph)?.get(answers) ?? UNDEFINED;
}

function basePath(options: Value | undefined): PathPattern {
  const path = option(options, 'basePath');
  const [pattern = EMPTY_PATH] = path === undefined || isUndefined(path) ? [] : patternsOf(path);
  return pattern;
}

/** Puts what a contract describes on an application; where there is none, the handlers serve by themselves. */
function serve(
  contract: Value,
  answers: Value,
  app: Value,
  base: PathPattern,
  site: Site,
  routing: Routing,
): void {
  const hosts = routersIn(app);
  const isRoot = isUndefined(app);
  const router: RouterNode = { framework: tsRest.id, isRoot, site, mounts: [], routes: [] };
  routing.graph.add(router);
  for (const host of hosts) addMount(host, router, EMPTY_PATH, site);
  const endpoints = endpointsOf(contract);
  if (endpoints.length === 0) routing.unresolved(site, 'dynamic_route: contract');
  for (const endpoint of endpoints) {
    const answer = endpoint.names.reduce<Value>((value, name) => option(value, name) ?? UNDEFINED, answers);
    const handler = option(answer, 'handler') ?? answer;
    const own = siteOfAnswer(handler, endpoint, routing) ?? site;
    for (const method of methodsOf(endpoint)) {
      for (const path of patternsOf(option(endpoint.contract, 'path') ?? UNDEFINED)) {
        router.routes.push({
          method,
          path: joinPatterns(base, path),
          site: own,
          handlers: isUndefined(handler) ? [] : [handler],
          declares: declarationsOf(endpoint),
        });
      }
    }
  }
}

/** The entry of the handler among the others, else the endpoint of the contract. */
function siteOfAnswer(handler: Value, { contract }: Endpoint, routing: Routing): Site | undefined {
  const node = handlerOf([handler], tsRest.handlers)?.node ?? contract.node;
  if (node === undefined) return undefined;
  return routing.siteOf(ts.isPropertyAssignment(node.parent) ? node.parent : node);
}
