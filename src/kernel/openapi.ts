import type { Route } from './http-api.ts';
import { PROBLEM_TYPE, TITLES } from './problem.ts';
import { partsOf } from './route-match.ts';

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One parameter in the query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  readonly schema: JsonSchema;
}

/** What a route takes and answers; schemas by their names in the components. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[] | undefined;
  readonly body?: RequestBody | undefined;
  /** Status to the schema of the answer; null is an answer without a body. */
  readonly answers: Readonly<Record<number, string | null>>;
  /** Of the answers; application/json unless given. */
  readonly mediaType?: string | undefined;
  /** Statuses of problems besides those that follow from the route. */
  readonly problems?: readonly number[] | undefined;
  /** False where a failure of ours is no 500: the client is asked to come back. */
  readonly has500?: boolean | undefined;
}

/** What the document tells of; who answers it may be somebody else. */
export type DescribedRoute = Pick<Route, 'method' | 'path' | 'operation'>;

export interface RequestBody {
  readonly schema: string;
  /** application/json unless given. */
  readonly mediaTypes?: readonly string[] | undefined;
  /** An empty body means an empty object where nothing is required. */
  readonly isRequired: boolean;
}

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  readonly basePath: string;
  readonly routes: readonly DescribedRoute[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

/** An OpenAPI 3.1 document, made of the routes themselves. Routes without an operation are left out. */
export function openApiDocument(options: OpenApiOptions): Record<string, unknown> {
  const { title, description, basePath, routes, schemas } = options;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.operation === undefined) continue;
    const path = basePath + route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationObject(route, route.operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title, description, version: '1' },
    paths,
    components: { schemas: { ...schemas, Problem: PROBLEM_SCHEMA } },
  };
}

function operationObject(route: DescribedRoute, operation: Operation): Record<string, unknown> {
  const { operationId, summary, body, answers } = operation;
  const pathParameters = partsOf(route.path)
    .filter((part) => part.startsWith(':'))
    .map((part) => ({ name: part.slice(1), in: 'path', required: true, schema: { type: 'string' } }));
  const parameters = [...pathParameters, ...(operation.parameters ?? [])];
  const problems = problemStatuses(operation, pathParameters.length > 0);
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBodyObject(body) }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, schema]) => [
        status,
        answerObject(operation, Number(status), schema),
      ]),
      ...problems.map((status) => [String(status), problemObject(status)]),
    ]),
  };
}

function problemStatuses(operation: Operation, hasId: boolean): number[] {
  const { body, parameters = [], problems = [], has500 = true } = operation;
  const ofBody = body === undefined ? [] : [400, 413, 415, 422];
  const ofQuery = parameters.some((parameter) => parameter.in === 'query') ? [400] : [];
  const all = [401, ...(has500 ? [500] : []), ...(hasId ? [404] : []), ...ofBody, ...ofQuery, ...problems];
  return [...new Set(all)].sort((left, right) => left - right);
}

function requestBodyObject({ schema, mediaTypes = ['application/json'], isRequired }: RequestBody): unknown {
  const content = Object.fromEntries(mediaTypes.map((type) => [type, { schema: refTo(schema) }]));
  return { required: isRequired, content };
}

function answerObject(
  { mediaType = 'application/json' }: Operation,
  status: number,
  schema: string | null,
): unknown {
  const description = SUCCESSES[status] ?? '';
  return schema === null
    ? { description }
    : { description, content: { [mediaType]: { schema: refTo(schema) } } };
}

function problemObject(status: number): unknown {
  return {
    description: TITLES[status] ?? 'Error',
    content: { [PROBLEM_TYPE]: { schema: refTo('Problem') } },
  };
}

function refTo(schema: string): JsonSchema {
  return { $ref: `#/components/schemas/${schema}` };
}

const SUCCESSES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
};

/** RFC 9457 with a code and the fields at fault. */
const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable, for programs.' },
    detail: { type: 'string', description: 'For people.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the request body, as a URI fragment.' },
          detail: { type: 'string' },
        },
      },
    },
  },
};
