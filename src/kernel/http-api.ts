import { describeError } from './describe-error.ts';
import type { Logger } from './ports.ts';
import type { Operation } from './openapi.ts';
import { handleProblems, internalError, notFound, ProblemError, problemResponse } from './problem.ts';
import type { ProblemOptions } from './problem.ts';
import { allowedMethods, parametersOf, routesAt } from './route-match.ts';
import type { Page, Tenant } from './subscription-ports.ts';

/** Who the caller is. */
export interface Access {
  /** Undefined only in applications without tenants. */
  readonly tenant?: string | undefined;
  /**
   * One of your own people, not a customer. Only operators see events that were refused by their schema or by a
   * broker: these may be internal, or hold what no schema has let through.
   */
  readonly isOperator?: boolean | undefined;
}

/** Judges a request by whatever the application uses: session, token, gateway header. Undefined answers 401. */
export type Authorize = (request: Request) => Access | undefined | Promise<Access | undefined>;

export interface RouteInput {
  readonly request: Request;
  readonly tenant: Tenant;
  readonly isOperator: boolean;
  readonly query: URLSearchParams;
  /** What stood where the route has `:id`, decoded. */
  readonly id: string;
  /** What stood where it has other parameters, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative to the base path, e.g. `/:id/enable`. */
  readonly path: string;
  /** What the OpenAPI document says of it. */
  readonly operation?: Operation | undefined;
  handle(input: RouteInput): Promise<Response>;
}

export interface ApiOptions {
  /** Where the router is mounted, as the request's URL shows it. */
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly authorize: Authorize | undefined;
  readonly logger?: Logger | undefined;
}

export type Handler = (request: Request) => Promise<Response>;

/** Answers everything under the base path; never rejects. */
export function createApi(options: ApiOptions): Handler {
  const { routes, logger } = options;
  const basePath = trimSlash(options.basePath);

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = trimSlash(url.pathname);
    if (path !== basePath && path.startsWith(`${basePath}/`) === false) throw new ProblemError(notFound);
    const segments = path.slice(basePath.length).split('/').slice(1);
    const candidates = routesAt(routes, segments);
    if (candidates.length === 0) throw new ProblemError(notFound);
    const allow = allowedMethods(candidates);
    // No CORS here: whether browsers of other origins may come in is for the application to say.
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = candidates.find((candidate) => candidate.method === method);
    if (route === undefined) throw new ProblemError(methodNotAllowed(allow));
    const { tenant, isOperator = false } = await authorizeRequest(options.authorize, request);
    const parameters = parametersOf(route, segments);
    if (parameters === undefined) throw new ProblemError(notFound);
    const id = parameters['id'] ?? '';
    return route.handle({ request, tenant, isOperator, query: url.searchParams, id, parameters });
  }

  return answeringFailures(async (request) => {
    const response = await handleProblems(() => answer(request));
    return request.method === 'HEAD' ? withoutBody(response) : response;
  }, logger);
}

/** The same handler, which never rejects: its failures are logged and answered with 500 and no detail. */
export function answeringFailures(handler: Handler, logger: Logger | undefined): Handler {
  return async (request) => {
    try {
      return await handler(request);
    } catch (error) {
      if (logger !== undefined) {
        logger.error(`${request.method} ${new URL(request.url).pathname} failed`, {
          error: describeError(error),
        });
      }
      return problemResponse(internalError);
    }
  };
}

/** @throws ProblemError 401 */
export async function authorizeRequest(authorize: Authorize | undefined, request: Request): Promise<Access> {
  const access = authorize === undefined ? { isOperator: true } : await authorize(request);
  if (access == null) {
    throw new ProblemError({ status: 401, code: 'unauthorized', detail: 'valid credentials are required' });
  }
  // An empty name is a mistake of the hook, and it must not be taken for "no tenants".
  if (access.tenant === '') throw new Error('authorize gave an empty tenant');
  return { ...access, tenant: access.tenant ?? undefined };
}

/** In production a router without `authorize` would be open to everybody. */
export function requireAuthorize(
  name: string,
  authorize: Authorize | undefined,
  isProduction: boolean,
): void {
  if (isProduction && authorize === undefined) {
    throw new Error(`${name} needs an \`authorize\` hook in production: without it everybody has access`);
  }
}

export function isProductionEnvironment(): boolean {
  return process.env['NODE_ENV'] === 'production';
}

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const all = { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' };
  return new Response(JSON.stringify(body), { status, headers: all });
}

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 100;

/** Reads `?limit=` and `?cursor=`. @throws ProblemError 400 */
export function readPage(query: URLSearchParams): Page {
  const limitText = query.get('limit') ?? String(DEFAULT_PAGE_SIZE);
  const limit = /^\d{1,3}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_PAGE_SIZE) throw badQuery(`limit must be from 1 to ${MAX_PAGE_SIZE}`);
  const cursor = query.get('cursor');
  if (cursor === null) return { after: undefined, limit };
  const after = Buffer.from(cursor, 'base64url').toString();
  if (/^[\w-]{1,100}$/.test(after) === false)
    throw badQuery('cursor must be a nextCursor of an earlier page');
  return { after, limit };
}

export function badQuery(detail: string): ProblemError {
  return new ProblemError({ status: 400, code: 'bad_query', detail });
}

/** A page of `items`, of which one more than `limit` was asked for. */
export function pageBody<Item>(
  items: readonly Item[],
  limit: number,
  idOf: (item: Item) => string,
  show: (item: Item) => unknown,
): { readonly data: readonly unknown[]; readonly nextCursor: string | null } {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = items.length > limit && last !== undefined;
  const nextCursor = hasMore ? Buffer.from(idOf(last)).toString('base64url') : null;
  return { data: shown.map(show), nextCursor };
}

function methodNotAllowed(allow: string): ProblemOptions {
  return { status: 405, code: 'method_not_allowed', detail: `allowed here: ${allow}`, headers: { allow } };
}

function withoutBody({ status, headers }: Response): Response {
  return new Response(null, { status, headers });
}

function trimSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
