import { openHeaders, sealHeaders } from './custom-headers.ts';
import { throwIfAny, unknownFields } from './field-problems.ts';
import { jsonResponse, pageBody, readPage } from './http-api.ts';
import type { Route, RouteInput } from './http-api.ts';
import { createOnce, IDEMPOTENCY_KEY_HEADER } from './idempotency.ts';
import { MERGE_PATCH_TYPES, readJsonBody, readJsonObject } from './json-body.ts';
import { notFound, ProblemError, validationProblem } from './problem.ts';
import { createSecret } from './secret.ts';
import type { SecretBox } from './secret-box.ts';
import type { Signal } from './signal.ts';
import type { Endpoint, SubscriptionStore } from './subscription-ports.ts';
import type { SubscriptionChecker } from './subscriptions.ts';
import { subscriptionBody } from './webhook-bodies.ts';
import { OPERATIONS } from './webhook-operations.ts';
import type { WebhookStore } from './webhook-ports.ts';
import { MAX_OVERLAP_SECONDS } from './webhook-schemas.ts';
import type { IdSource } from './uuid.ts';

export interface SubscriptionRoutesOptions {
  readonly store: Pick<WebhookStore, 'subscriptions' | 'idempotencyKeys'>;
  readonly checker: SubscriptionChecker;
  readonly secretBox: SecretBox;
  readonly createId: IdSource;
  readonly basePath: string;
  readonly dueSignal: Signal | undefined;
}

const DEFAULT_OVERLAP_SECONDS = 86_400;

/** The subscription of a route's `:id`. @throws ProblemError 404 */
export async function findSubscription(
  subscriptions: Pick<SubscriptionStore, 'find'>,
  { tenant, id }: RouteInput,
): Promise<Endpoint> {
  return found(await subscriptions.find(tenant, id));
}

/** Create, list, show, change, delete, and the switches of a subscription. */
export function subscriptionRoutes(options: SubscriptionRoutesOptions): readonly Route[] {
  const { checker, secretBox, createId, basePath, dueSignal } = options;
  const { subscriptions, idempotencyKeys } = options.store;

  const shown = (subscription: Endpoint): Record<string, unknown> =>
    subscriptionBody(secretBox, subscription);

  async function create({ request, tenant }: RouteInput): Promise<Response> {
    const { value, bytes } = await readJsonBody(request);
    const secret = createSecret();
    const { resource, isRepeat } = await createOnce<Endpoint>({
      keys: idempotencyKeys,
      tenant,
      key: request.headers.get(IDEMPOTENCY_KEY_HEADER),
      fingerprint: ['POST', basePath, bytes],
      createId,
      find: (id) => subscriptions.find(tenant, id),
      async create(id) {
        const patch = await checker.check(value, ['url', 'eventTypes']);
        const { headers, ...settings } = checker.create(patch);
        const sealedSecret = secretBox.seal(secret, id);
        return subscriptions.create({
          ...settings,
          id,
          tenant,
          sealedSecret,
          sealedHeaders: sealHeaders(secretBox, headers, id),
        });
      },
    });
    const location = `${basePath}/${resource.id}`;
    // Not 201: nothing was created now, and what the first answer had in it is not all here.
    const body = shown(resource);
    if (isRepeat) return jsonResponse(200, { ...body, secret: null, isRepeat }, { location });
    // The only time that the secret is shown.
    return jsonResponse(201, { ...body, secret }, { location });
  }

  async function list({ tenant, query }: RouteInput): Promise<Response> {
    const { after, limit } = readPage(query);
    const page = await subscriptions.list(tenant, { after, limit: limit + 1 });
    return jsonResponse(
      200,
      pageBody(page, limit, (subscription) => subscription.id, shown),
    );
  }

  async function show(input: RouteInput): Promise<Response> {
    return jsonResponse(200, shown(await findSubscription(subscriptions, input)));
  }

  async function change(input: RouteInput): Promise<Response> {
    const { request, tenant, id } = input;
    // Before the host of a URL is resolved: who may not see the subscription learns nothing from the time it takes.
    await findSubscription(subscriptions, input);
    const { value } = await readJsonBody(request, MERGE_PATCH_TYPES);
    const patch = await checker.check(value);
    const changed = await subscriptions.update(tenant, id, (current) => {
      // Those that are all replaced, or all kept, need not be opened: their key may be lost.
      const isMerged = patch.headers !== undefined && patch.headers !== null;
      const before = { ...current, headers: isMerged ? openHeaders(secretBox, current) : {} };
      const { headers, ...settings } = checker.apply(before, patch);
      const isKept = patch.headers === undefined;
      const sealedHeaders = isKept ? current.sealedHeaders : sealHeaders(secretBox, headers, id);
      return { ...settings, sealedHeaders };
    });
    return jsonResponse(200, shown(found(changed)));
  }

  async function remove({ tenant, id }: RouteInput): Promise<Response> {
    if ((await subscriptions.remove(tenant, id)) === false) throw new ProblemError(notFound);
    return new Response(null, { status: 204 });
  }

  async function enable({ request, tenant, id }: RouteInput): Promise<Response> {
    const body = await readJsonObject(request);
    const { from = 'skip' } = body;
    throwIfAny(unknownFields(body, ['from']));
    if (from !== 'skip' && from !== 'resume') {
      throw validationProblem([{ pointer: '#/from', detail: 'must be "skip" or "resume"' }]);
    }
    const subscription = found(await subscriptions.enable(tenant, id, from));
    if (dueSignal !== undefined) dueSignal.notify();
    return jsonResponse(200, shown(subscription));
  }

  async function disable(input: RouteInput): Promise<Response> {
    throwIfAny(unknownFields(await readJsonObject(input.request), []));
    const { id } = await findSubscription(subscriptions, input);
    await subscriptions.stop(id, 'disabled', 'it was disabled by its owner');
    return show(input);
  }

  async function rotateSecret({ request, tenant, id }: RouteInput): Promise<Response> {
    const body = await readJsonObject(request);
    const { overlapSeconds = DEFAULT_OVERLAP_SECONDS } = body;
    throwIfAny(unknownFields(body, ['overlapSeconds']));
    if (!isWhole(overlapSeconds) || overlapSeconds > MAX_OVERLAP_SECONDS) {
      const detail = `must be a whole number from 0 to ${MAX_OVERLAP_SECONDS}`;
      throw validationProblem([{ pointer: '#/overlapSeconds', detail }]);
    }
    const secret = createSecret();
    const sealed = secretBox.seal(secret, id);
    const until = found(await subscriptions.rotateSecret(tenant, id, sealed, overlapSeconds));
    return jsonResponse(200, { id, secret, previousSecretExpiresAt: until });
  }

  return [
    { method: 'POST', path: '', operation: OPERATIONS.create, handle: create },
    { method: 'GET', path: '', operation: OPERATIONS.list, handle: list },
    { method: 'GET', path: '/:id', operation: OPERATIONS.show, handle: show },
    { method: 'PATCH', path: '/:id', operation: OPERATIONS.change, handle: change },
    { method: 'DELETE', path: '/:id', operation: OPERATIONS.remove, handle: remove },
    { method: 'POST', path: '/:id/enable', operation: OPERATIONS.enable, handle: enable },
    { method: 'POST', path: '/:id/disable', operation: OPERATIONS.disable, handle: disable },
    { method: 'POST', path: '/:id/rotate-secret', operation: OPERATIONS.rotateSecret, handle: rotateSecret },
  ];
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new ProblemError(notFound);
  return value;
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
