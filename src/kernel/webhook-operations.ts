import { IDEMPOTENCY_KEY_HEADER, MAX_KEY_LENGTH } from './idempotency.ts';
import { MERGE_PATCH_TYPES } from './json-body.ts';
import type { Operation, Parameter } from './openapi.ts';
import { PAGE_PARAMETERS } from './openapi-parts.ts';
import { MAX_PREVIOUS_SECRETS } from './subscription-ports.ts';
import { SHOWN_DELIVERY_STATES } from './webhook-schemas.ts';

const idempotencyKey: Parameter = {
  name: IDEMPOTENCY_KEY_HEADER,
  in: 'header',
  description: 'A request with the same key and body within 24 hours creates nothing again.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
};

const empty = { schema: 'Empty', isRequired: false };

type WebhookRoute =
  | 'create'
  | 'list'
  | 'show'
  | 'change'
  | 'remove'
  | 'enable'
  | 'disable'
  | 'rotateSecret'
  | 'test'
  | 'listDeliveries'
  | 'showDelivery'
  | 'resend'
  | 'recover';

/** What the OpenAPI document says of each route of the webhooks API. */
export const OPERATIONS: Readonly<Record<WebhookRoute, Operation>> = {
  create: {
    operationId: 'createSubscription',
    summary: 'Creates a subscription; it starts at the newest event.',
    parameters: [idempotencyKey],
    body: { schema: 'CreateSubscription', isRequired: true },
    answers: { 201: 'CreatedSubscription', 200: 'RepeatedSubscription' },
    problems: [409, 410],
  },
  list: {
    operationId: 'listSubscriptions',
    summary: 'Lists the subscriptions, oldest first.',
    parameters: PAGE_PARAMETERS,
    answers: { 200: 'SubscriptionPage' },
  },
  show: {
    operationId: 'getSubscription',
    summary: 'Shows a subscription.',
    answers: { 200: 'Subscription' },
  },
  change: {
    operationId: 'changeSubscription',
    summary: 'Changes what the patch names; null resets a field to its default.',
    body: { schema: 'ChangeSubscription', mediaTypes: MERGE_PATCH_TYPES, isRequired: false },
    answers: { 200: 'Subscription' },
  },
  remove: {
    operationId: 'deleteSubscription',
    summary: 'Deletes a subscription, cancels what is pending and forgets its secret.',
    answers: { 204: null },
  },
  enable: {
    operationId: 'enableSubscription',
    summary: 'Makes a stopped subscription active, with the events since the stop or without them.',
    body: { schema: 'EnableSubscription', isRequired: false },
    answers: { 200: 'Subscription' },
  },
  disable: {
    operationId: 'disableSubscription',
    summary: 'Stops a subscription; what it misses can be had when it is enabled again.',
    body: empty,
    answers: { 200: 'Subscription' },
  },
  rotateSecret: {
    operationId: 'rotateSecret',
    summary: `Gives a new secret; the one before signs too for a while, as do up to ${MAX_PREVIOUS_SECRETS - 1} before that.`,
    body: { schema: 'RotateSecret', isRequired: false },
    answers: { 200: 'RotatedSecret' },
  },
  test: {
    operationId: 'testSubscription',
    summary: 'Sends a webhook.ping now and tells what came of it.',
    body: empty,
    answers: { 200: 'PingResult' },
  },
  listDeliveries: {
    operationId: 'listDeliveries',
    summary: 'Lists the deliveries with their attempts, newest first.',
    parameters: [
      ...PAGE_PARAMETERS,
      {
        name: 'state',
        in: 'query',
        description: 'Only those in this state.',
        schema: { type: 'string', enum: SHOWN_DELIVERY_STATES },
      },
      {
        name: 'eventType',
        in: 'query',
        description: 'Only those of this event type, or of a pattern like order.*.',
        schema: { type: 'string' },
      },
    ],
    answers: { 200: 'DeliveryPage' },
  },
  showDelivery: {
    operationId: 'getDelivery',
    summary: 'Shows a delivery with its event.',
    answers: { 200: 'DeliveryDetail' },
  },
  resend: {
    operationId: 'resendDelivery',
    summary: 'Sends an event again, or for the first time, with all attempts ahead.',
    body: empty,
    answers: { 202: 'DeliveryDetail' },
    problems: [409],
  },
  recover: {
    operationId: 'recoverDeliveries',
    summary: 'Sends everything since a time or a position that was not delivered, or all of it again.',
    body: { schema: 'Recover', isRequired: true },
    answers: { 202: 'Recovered' },
    problems: [409],
  },
};
