import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
  DeadLetterSummary,
} from './dead-letter-ports.ts';
import { createDeadLetters } from './dead-letter.ts';
import type { DeadLetterOptions } from './dead-letter.ts';
import { filterOfBody, filterOfQuery } from './dead-letter-filter.ts';
import type { FilterRequest } from './dead-letter-filter.ts';
import { DEAD_LETTER_OPERATIONS as OPERATIONS, DEAD_LETTER_SCHEMAS } from './dead-letter-operations.ts';
import {
  createApi,
  isProductionEnvironment,
  jsonResponse,
  pageBody,
  readPage,
  requireAuthorize,
} from './http-api.ts';
import type { Authorize, Handler, RouteInput } from './http-api.ts';
import { readJsonObject } from './json-body.ts';
import { documentedRoutes } from './openapi-route.ts';
import type { Logger } from './ports.ts';
import { notFound, ProblemError, validationProblem } from './problem.ts';
import { scopeOf } from './tenant-scope.ts';

export interface DeadLettersApiOptions<Tx> extends DeadLetterOptions<Tx> {
  readonly store: DeadLetterOptions<Tx>['store'] & { readonly deadLetters: DeadLetterStore<Tx> };
  /** Required in production. Without it there is one tenant, and everybody has access. */
  readonly authorize?: Authorize | undefined;
  /** `/dead-letters` unless given. */
  readonly basePath?: string | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

const STATUS_OF_REFUSAL = {
  not_found: 404,
  already_replayed: 409,
  subscription_not_active: 409,
  event_id_taken: 409,
  redacted: 409,
  still_invalid: 422,
} as const;

/**
 * The HTTP API of dead letters. Nothing of another tenant exists for a caller: it is answered with 404. Neither do
 * pipeline errors for who is no operator.
 *
 * Replaying and purging by filter answer after a bounded page, with what is left and where to go on: a proxy never
 * cuts them off half way, the caller sees how far it is, and stops or resumes as he likes. It describes itself at
 * `GET /dead-letters/openapi.json`.
 *
 * @throws Error in production without `authorize`
 */
export function createDeadLettersApi<Tx>(options: DeadLettersApiOptions<Tx>): Handler {
  const { authorize, basePath = '/dead-letters' } = options;
  const store = options.store.deadLetters;
  const deadLetters = createDeadLetters(options);
  requireAuthorize('the dead letters API', authorize, options.isProduction ?? isProductionEnvironment());

  async function list(input: RouteInput): Promise<Response> {
    const { after, limit } = readPage(input.query);
    const { tenant, filter } = filterOfQuery(input.query);
    const scope = scopeOf(input, tenant);
    const page = { after, limit: limit + 1 };
    const found = isHidden(filter.kind, input) ? [] : await store.list(scope, visible(filter, input), page);
    return jsonResponse(
      200,
      pageBody(found, limit, (letter) => letter.id, summaryBody),
    );
  }

  async function find(input: RouteInput): Promise<DeadLetter> {
    const letter = await store.find(scopeOf(input, undefined), input.id);
    if (letter === undefined || isHidden(letter.kind, input)) throw new ProblemError(notFound);
    return letter;
  }

  async function show(input: RouteInput): Promise<Response> {
    const letter = await find(input);
    const event = letter.body === undefined ? null : (JSON.parse(letter.body) as unknown);
    const { attempts, actor = null } = letter;
    return jsonResponse(200, { ...summaryBody(letter), actor, event, attempts });
  }

  async function replay(input: RouteInput): Promise<Response> {
    const { id } = await find(input);
    const refusal = await deadLetters.replay(scopeOf(input, undefined), id);
    if (refusal === undefined) return jsonResponse(202, { id });
    if (refusal.code === 'not_found') throw new ProblemError(notFound);
    throw new ProblemError({ status: STATUS_OF_REFUSAL[refusal.code], ...refusal });
  }

  async function readFilter(
    input: RouteInput,
    options: { readonly hasPages: boolean },
  ): Promise<FilterRequest> {
    const asked = filterOfBody(await readJsonObject(input.request), options);
    if (isHidden(asked.filter.kind, input)) throw new ProblemError(forbiddenKind);
    return { ...asked, filter: visible(asked.filter, input) };
  }

  async function replayMatching(input: RouteInput): Promise<Response> {
    const { tenant, filter, after, limit } = await readFilter(input, { hasPages: true });
    if (filter.isReplayed === true) {
      throw validationProblem([{ pointer: '#/state', detail: 'must be "open": a replay takes no others' }]);
    }
    const page = await deadLetters.replayPage(scopeOf(input, tenant), filter, { after, limit });
    const { replayed, refused, remaining } = page;
    const nextCursor = page.after === undefined ? null : Buffer.from(page.after).toString('base64url');
    return jsonResponse(202, { replayed, refused, remaining, nextCursor });
  }

  async function purgeMatching(input: RouteInput): Promise<Response> {
    const { tenant, filter, limit, isEmpty } = await readFilter(input, { hasPages: false });
    if (isEmpty) {
      const detail = 'must name what to purge; {"state": "open"} purges all that are open';
      throw validationProblem([{ pointer: '#', detail }]);
    }
    const scope = scopeOf(input, tenant);
    const purged = await store.purgeMatching(scope, filter, limit);
    const remaining = purged < limit ? 0 : await store.count(scope, filter, undefined);
    return jsonResponse(200, { purged, remaining });
  }

  async function purge(input: RouteInput): Promise<Response> {
    const { id } = await find(input);
    if ((await store.purge(scopeOf(input, undefined), id)) === false) throw new ProblemError(notFound);
    return new Response(null, { status: 204 });
  }

  const routes = documentedRoutes({
    operationId: 'describeDeadLetters',
    title: 'Dead letters',
    description: 'Events and deliveries that were given up: looking at them, replaying and purging.',
    basePath,
    routes: [
      { method: 'GET', path: '', operation: OPERATIONS.list, handle: list },
      { method: 'POST', path: '/replay', operation: OPERATIONS.replayMatching, handle: replayMatching },
      { method: 'POST', path: '/purge', operation: OPERATIONS.purgeMatching, handle: purgeMatching },
      { method: 'GET', path: '/:id', operation: OPERATIONS.show, handle: show },
      { method: 'POST', path: '/:id/replay', operation: OPERATIONS.replay, handle: replay },
      { method: 'DELETE', path: '/:id', operation: OPERATIONS.purge, handle: purge },
    ],
    schemas: DEAD_LETTER_SCHEMAS,
  });
  return createApi({ basePath, authorize, logger: options.logger, routes });
}

const forbiddenKind = {
  status: 403,
  code: 'operators_only',
  detail: 'pipeline errors are for operators',
} as const;

function isHidden(kind: DeadLetterFilter['kind'], caller: Pick<RouteInput, 'isOperator'>): boolean {
  return kind === 'pipeline_error' && caller.isOperator === false;
}

function visible(filter: DeadLetterFilter, caller: Pick<RouteInput, 'isOperator'>): DeadLetterFilter {
  return caller.isOperator ? filter : { ...filter, kind: 'delivery_exhausted' };
}

function summaryBody(letter: DeadLetterSummary): Record<string, unknown> {
  return {
    id: letter.id,
    kind: letter.kind,
    stage: letter.stage ?? null,
    reader: letter.reader ?? null,
    subscriptionId: letter.subscriptionId ?? null,
    eventId: letter.eventId,
    eventType: letter.eventType,
    subject: letter.subject ?? null,
    tenant: letter.tenant ?? null,
    position: letter.position ?? null,
    error: letter.error,
    createdAt: letter.createdAt,
    replayedAt: letter.replayedAt ?? null,
    redactedAt: letter.redactedAt ?? null,
  };
}
