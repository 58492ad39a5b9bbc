import type { Deliver } from './deliver.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import type { EndpointRules } from './endpoint-url.ts';
import { createApi, isProductionEnvironment, requireAuthorize } from './http-api.ts';
import type { Authorize, Handler } from './http-api.ts';
import { documentedRoutes } from './openapi-route.ts';
import type { Clock, Logger } from './ports.ts';
import type { EventRegistry } from './registry.ts';
import { plainSecretBox } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import type { Signal } from './signal.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { createSubscriptionChecker } from './subscriptions.ts';
import { createUuidv7 } from './uuid.ts';
import type { IdSource } from './uuid.ts';
import type { WebhookStore } from './webhook-ports.ts';
import { WEBHOOK_SCHEMAS } from './webhook-schemas.ts';

export interface WebhooksApiOptions {
  readonly store: WebhookStore;
  /** What filters may name. Left out where event types are not known beforehand. */
  readonly registry?: EventRegistry | undefined;
  readonly endpointRules: EndpointRules;
  /** Sends the pings of `POST /webhooks/:id/test`. */
  readonly deliver: Deliver;
  /** URI-reference that pings name as their source. */
  readonly source: string;
  /** Required in production. Without it there is one tenant, and everybody has access. */
  readonly authorize?: Authorize | undefined;
  /** Required in production to be one with a key. */
  readonly secretBox?: SecretBox | undefined;
  /** `/webhooks` unless given. */
  readonly basePath?: string | undefined;
  /** Told when deliveries were made due. */
  readonly dueSignal?: Signal | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly createId?: IdSource | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * The HTTP API of subscriptions. Nothing of another tenant exists for a caller: it is answered with 404. It describes
 * itself at `GET /webhooks/openapi.json`.
 *
 * @throws Error in production without `authorize` or without an encryption key
 */
export function createWebhooksApi(options: WebhooksApiOptions): Handler {
  const { store, deliver, source, authorize, dueSignal, clock, logger } = options;
  const secretBox = options.secretBox ?? plainSecretBox;
  const isProduction = options.isProduction ?? isProductionEnvironment();
  const createId = options.createId ?? createUuidv7();
  const basePath = (options.basePath ?? '/webhooks').replace(/\/$/, '');
  requireAuthorize('the webhooks API', authorize, isProduction);
  if (isProduction && secretBox.isPlain) {
    throw new Error('the webhooks API needs an encryption key in production: signing secrets are stored');
  }

  const checker = createSubscriptionChecker(options.endpointRules, options.registry);
  const routes = documentedRoutes({
    operationId: 'describeWebhooks',
    title: 'Webhook subscriptions',
    description: 'Who gets which events by webhook, what became of each delivery, and sending them again.',
    basePath,
    routes: [
      ...subscriptionRoutes({ store, checker, secretBox, createId, basePath, dueSignal }),
      ...deliveryRoutes({ store, deliver, source, createId, clock, dueSignal }),
    ],
    schemas: WEBHOOK_SCHEMAS,
  });
  return createApi({ basePath, authorize, logger, routes });
}
