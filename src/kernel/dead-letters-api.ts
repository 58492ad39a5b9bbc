import type { DeadLetter, DeadLetterFilter, DeadLetters, DeadLetterStore } from './dead-letter.ts';
import {
  badQuery,
  createApi,
  isProductionEnvironment,
  jsonResponse,
  pageBody,
  readPage,
  requireAuthorize,
} from './http-api.ts';
import type { Authorize, Handler, RouteInput } from './http-api.ts';
import { readJsonObject } from './json-body.ts';
import type { Logger } from './ports.ts';
import { notFound, ProblemError, validationProblem } from './problem.ts';
import type { FieldProblem } from './problem.ts';

export interface DeadLettersApiOptions {
  readonly store: { readonly deadLetters: Pick<DeadLetterStore<never>, 'list' | 'find' | 'purge'> };
  readonly deadLetters: DeadLetters;
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
  no_publisher: 409,
  event_id_taken: 409,
  still_invalid: 422,
} as const;

/**
 * The HTTP API of dead letters. Nothing of another tenant exists for a caller: it is answered with 404. Neither do
 * pipeline errors for who is no operator.
 *
 * @throws Error in production without `authorize`
 */
export function createDeadLettersApi(options: DeadLettersApiOptions): Handler {
  const { deadLetters, authorize } = options;
  const store = options.store.deadLetters;
  requireAuthorize('the dead letters API', authorize, options.isProduction ?? isProductionEnvironment());

  async function list({ tenant, isOperator, query }: RouteInput): Promise<Response> {
    const { after, limit } = readPage(query);
    const filter = filterOfQuery(query);
    const page = { after, limit: limit + 1 };
    const found = isHidden(filter.kind, isOperator)
      ? []
      : await store.list(tenant, scoped(filter, isOperator), page);
    return jsonResponse(
      200,
      pageBody(found, limit, (letter) => letter.id, summaryBody),
    );
  }

  async function find({ tenant, isOperator, id }: RouteInput): Promise<DeadLetter> {
    const letter = await store.find(tenant, id);
    if (letter === undefined || isHidden(letter.kind, isOperator)) throw new ProblemError(notFound);
    return letter;
  }

  async function show(input: RouteInput): Promise<Response> {
    const letter = await find(input);
    const event = JSON.parse(letter.body) as unknown;
    return jsonResponse(200, { ...summaryBody(letter), event, attempts: letter.attempts });
  }

  async function replay(input: RouteInput): Promise<Response> {
    const { tenant, id } = input;
    await find(input);
    const refusal = await deadLetters.replay(tenant, id);
    if (refusal === undefined) return jsonResponse(202, { id });
    if (refusal.code === 'not_found') throw new ProblemError(notFound);
    throw new ProblemError({ status: STATUS_OF_REFUSAL[refusal.code], ...refusal });
  }

  async function replayAll({ request, tenant, isOperator }: RouteInput): Promise<Response> {
    const filter = filterOfBody(await readJsonObject(request));
    if (isHidden(filter.kind, isOperator)) throw new ProblemError(forbiddenKind);
    return jsonResponse(202, await deadLetters.replayAll(tenant, scoped(filter, isOperator)));
  }

  async function purge(input: RouteInput): Promise<Response> {
    const { tenant, id } = input;
    await find(input);
    if ((await store.purge(tenant, id)) === false) throw new ProblemError(notFound);
    return new Response(null, { status: 204 });
  }

  return createApi({
    basePath: options.basePath ?? '/dead-letters',
    authorize,
    logger: options.logger,
    routes: [
      { method: 'GET', path: '', handle: list },
      { method: 'POST', path: '/replay', handle: replayAll },
      { method: 'GET', path: '/:id', handle: show },
      { method: 'POST', path: '/:id/replay', handle: replay },
      { method: 'DELETE', path: '/:id', handle: purge },
    ],
  });
}

const FILTER_FIELDS: readonly string[] = ['kind', 'eventType', 'subscriptionId'];

const forbiddenKind = {
  status: 403,
  code: 'operators_only',
  detail: 'pipeline errors are for operators',
} as const;

function isHidden(kind: DeadLetterFilter['kind'], isOperator: boolean): boolean {
  return kind === 'pipeline_error' && isOperator === false;
}

function scoped(filter: DeadLetterFilter, isOperator: boolean): DeadLetterFilter {
  return isOperator ? filter : { ...filter, kind: 'delivery_exhausted' };
}

/** `?kind=&eventType=&subscriptionId=&state=open|replayed` */
function filterOfQuery(query: URLSearchParams): DeadLetterFilter {
  const state = query.get('state') ?? 'open';
  if (state !== 'open' && state !== 'replayed') throw badQuery('state must be "open" or "replayed"');
  const kind = query.get('kind') ?? undefined;
  if (!isKind(kind)) throw badQuery('kind must be "delivery_exhausted" or "pipeline_error"');
  // No text in a database holds it.
  if ([...query.values()].some((value) => value.includes('\0'))) throw badQuery('must not contain U+0000');
  return {
    kind,
    eventType: query.get('eventType') ?? undefined,
    subscriptionId: query.get('subscriptionId') ?? undefined,
    isReplayed: state === 'replayed',
  };
}

/** An empty body is no filter: all open ones. A misspelt field must not mean that. */
function filterOfBody(body: Readonly<Record<string, unknown>>): DeadLetterFilter {
  const errors: FieldProblem[] = [];
  for (const [field, value] of Object.entries(body)) {
    const pointer = `#/${encodeURIComponent(field)}`;
    if (FILTER_FIELDS.includes(field) === false) {
      errors.push({ pointer, detail: `is unknown; known are ${FILTER_FIELDS.join(', ')}` });
    } else if (
      typeof value !== 'string' ||
      value.includes('\0') ||
      (field === 'kind' && isKind(value) === false)
    ) {
      const detail =
        field === 'kind'
          ? 'must be "delivery_exhausted" or "pipeline_error"'
          : 'must be a string without U+0000';
      errors.push({ pointer, detail });
    }
  }
  if (errors.length > 0) throw validationProblem(errors);
  return body as DeadLetterFilter;
}

function isKind(value: string | undefined): value is DeadLetterFilter['kind'] {
  return value === undefined || value === 'delivery_exhausted' || value === 'pipeline_error';
}

function summaryBody(letter: DeadLetter): Record<string, unknown> {
  const { id, kind, stage, reader, subscriptionId, eventId, eventType, position, error } = letter;
  return {
    id,
    kind,
    stage: stage ?? null,
    reader: reader ?? null,
    subscriptionId: subscriptionId ?? null,
    eventId,
    eventType,
    position: position ?? null,
    error,
    createdAt: letter.createdAt,
    replayedAt: letter.replayedAt ?? null,
  };
}
