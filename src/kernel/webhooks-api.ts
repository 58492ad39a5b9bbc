import type { EndpointRules } from './endpoint-url.ts';
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
import type { EventRegistry } from './registry.ts';
import { createSecret } from './secret.ts';
import { plainSecretBox } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import type { Signal } from './signal.ts';
import { checkSubscription, DEFAULT_SETTINGS } from './subscriptions.ts';
import { createUuidv7 } from './uuid.ts';
import type { IdSource } from './uuid.ts';
import type { Delivery, Subscription, WebhookStore } from './webhook-ports.ts';

export interface WebhooksApiOptions {
  readonly store: WebhookStore;
  /** What filters may name. Left out where event types are not known beforehand. */
  readonly registry?: EventRegistry | undefined;
  readonly endpointRules: EndpointRules;
  /** Required in production. Without it there is one tenant, and everybody has access. */
  readonly authorize?: Authorize | undefined;
  /** Required in production to be one with a key. */
  readonly secretBox?: SecretBox | undefined;
  /** `/webhooks` unless given. */
  readonly basePath?: string | undefined;
  /** Told when `enable` made deliveries due. */
  readonly dueSignal?: Signal | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
  readonly createId?: IdSource | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * The HTTP API of subscriptions. Nothing of another tenant exists for a caller: it is answered with 404.
 *
 * @throws Error in production without `authorize` or without an encryption key
 */
export function createWebhooksApi(options: WebhooksApiOptions): Handler {
  const { store, registry, endpointRules, authorize, dueSignal } = options;
  const secretBox = options.secretBox ?? plainSecretBox;
  const isProduction = options.isProduction ?? isProductionEnvironment();
  const createId = options.createId ?? createUuidv7();
  const { subscriptions, deliveries } = store;
  requireAuthorize('the webhooks API', authorize, isProduction);
  if (isProduction && secretBox.isPlain) {
    throw new Error('the webhooks API needs an encryption key in production: signing secrets are stored');
  }

  async function create({ request, tenant }: RouteInput): Promise<Response> {
    const body = await readJsonObject(request);
    const checked = await checkSubscription(body, endpointRules, registry);
    const { url, eventTypes, description, headers } = checked;
    const id = createId();
    const secret = createSecret();
    const hasHeaders = Object.keys(headers).length > 0;
    const subscription = await subscriptions.create({
      ...DEFAULT_SETTINGS,
      id,
      tenant,
      url: url.href,
      description,
      eventTypes,
      sealedSecret: secretBox.seal(secret, id),
      sealedHeaders: hasHeaders ? secretBox.seal(JSON.stringify(headers), id) : undefined,
    });
    const location = `${new URL(request.url).pathname.replace(/\/$/, '')}/${id}`;
    // The only time that the secret is shown.
    return jsonResponse(201, { ...subscriptionBody(subscription), secret }, { location });
  }

  async function list({ tenant, query }: RouteInput): Promise<Response> {
    const { after, limit } = readPage(query);
    const found = await subscriptions.list(tenant, { after, limit: limit + 1 });
    return jsonResponse(
      200,
      pageBody(found, limit, (subscription) => subscription.id, subscriptionBody),
    );
  }

  async function find({ tenant, id }: RouteInput): Promise<Subscription> {
    const subscription = await subscriptions.find(tenant, id);
    if (subscription === undefined) throw new ProblemError(notFound);
    return subscription;
  }

  async function remove({ tenant, id }: RouteInput): Promise<Response> {
    if ((await subscriptions.remove(tenant, id)) === false) throw new ProblemError(notFound);
    return new Response(null, { status: 204 });
  }

  async function enable({ request, tenant, id }: RouteInput): Promise<Response> {
    const { from = 'skip' } = await readJsonObject(request);
    if (from !== 'skip' && from !== 'resume') {
      throw validationProblem([{ pointer: '#/from', detail: 'must be "skip" or "resume"' }]);
    }
    const subscription = await subscriptions.enable(tenant, id, from);
    if (subscription === undefined) throw new ProblemError(notFound);
    if (dueSignal !== undefined) dueSignal.notify();
    return jsonResponse(200, subscriptionBody(subscription));
  }

  async function listDeliveries(input: RouteInput): Promise<Response> {
    const subscription = await find(input);
    const { after, limit } = readPage(input.query);
    if (after !== undefined && /^\d{1,15}$/.test(after) === false) {
      throw badQuery('cursor must be a nextCursor of an earlier page');
    }
    const found = await deliveries.list(subscription.id, { after, limit: limit + 1 });
    const show = (delivery: Delivery): unknown => deliveryBody(delivery, subscription);
    return jsonResponse(
      200,
      pageBody(found, limit, (delivery) => String(delivery.position), show),
    );
  }

  return createApi({
    basePath: options.basePath ?? '/webhooks',
    authorize,
    logger: options.logger,
    routes: [
      { method: 'POST', path: '', handle: create },
      { method: 'GET', path: '', handle: list },
      {
        method: 'GET',
        path: '/:id',
        handle: async (input) => jsonResponse(200, subscriptionBody(await find(input))),
      },
      { method: 'DELETE', path: '/:id', handle: remove },
      { method: 'POST', path: '/:id/enable', handle: enable },
      { method: 'GET', path: '/:id/deliveries', handle: listDeliveries },
    ],
  });
}

function subscriptionBody(subscription: Subscription): Record<string, unknown> {
  const { id, url, description, eventTypes, state, stateReason, failureCount, createdAt } = subscription;
  return {
    id,
    url,
    eventTypes,
    description: description ?? null,
    state,
    stateReason: stateReason ?? null,
    failureCount,
    createdAt,
  };
}

function deliveryBody(delivery: Delivery, subscription: Subscription): Record<string, unknown> {
  const { eventId, eventType, position, state, isReplay, attempts, nextAttemptAt } = delivery;
  const isParked = state === 'pending' && subscription.state !== 'active';
  return {
    eventId,
    eventType,
    position,
    state: isParked ? 'parked' : state,
    isReplay,
    attempts,
    nextAttemptAt: isParked ? null : (nextAttemptAt ?? null),
  };
}
