import { parseTime, pointerTo, throwIfAny, TIME_DETAIL, unknownFields } from './field-problems.ts';
import { isFilterPattern } from './filter.ts';
import type { EventFilter } from './filter.ts';
import { badQuery, jsonResponse, pageBody, readPage } from './http-api.ts';
import type { Route, RouteInput } from './http-api.ts';
import { readJsonObject } from './json-body.ts';
import { ping } from './ping.ts';
import type { PingOptions } from './ping.ts';
import { parsePosition } from './position.ts';
import { notFound, ProblemError } from './problem.ts';
import { recoverSince, resendProblem } from './resend.ts';
import type { RecoveryRange } from './resend.ts';
import type { Signal } from './signal.ts';
import { findSubscription } from './subscription-routes.ts';
import { deliveryBody, deliveryDetailBody } from './webhook-bodies.ts';
import { OPERATIONS } from './webhook-operations.ts';
import type { Subscription } from './subscription-ports.ts';
import type { Delivery, DeliveryFilter, WebhookStore } from './webhook-ports.ts';
import { SHOWN_DELIVERY_STATES } from './webhook-schemas.ts';

export interface DeliveryRoutesOptions extends PingOptions {
  readonly store: Pick<WebhookStore, 'subscriptions' | 'deliveries' | 'resends'>;
  readonly dueSignal: Signal | undefined;
}

/** What became of the events of a subscription, and sending them again. */
export function deliveryRoutes(options: DeliveryRoutesOptions): readonly Route[] {
  const { dueSignal } = options;
  const { subscriptions, deliveries, resends } = options.store;

  async function list(input: RouteInput): Promise<Response> {
    const subscription = await findSubscription(subscriptions, input);
    const { after, limit } = readPage(input.query);
    if (after !== undefined && parsePosition(after) === undefined) {
      throw badQuery('cursor must be a nextCursor of an earlier page');
    }
    const filter = readFilter(input.query, subscription);
    const page = { after, limit: limit + 1 };
    const found = filter === undefined ? [] : await deliveries.list(subscription.id, page, filter);
    const show = (delivery: Delivery): unknown => deliveryBody(delivery, subscription);
    return jsonResponse(
      200,
      pageBody(found, limit, (delivery) => String(delivery.position), show),
    );
  }

  async function show(input: RouteInput): Promise<Response> {
    return jsonResponse(200, await detail(await findSubscription(subscriptions, input), input));
  }

  async function detail(
    subscription: Subscription,
    { parameters }: RouteInput,
  ): Promise<Record<string, unknown>> {
    const delivery = await deliveries.find(subscription.id, parameters['eventId'] ?? '');
    if (delivery === undefined) throw new ProblemError(notFound);
    return deliveryDetailBody(delivery, subscription);
  }

  async function resend(input: RouteInput): Promise<Response> {
    throwIfAny(unknownFields(await readJsonObject(input.request), []));
    const subscription = await findSubscription(subscriptions, input);
    const outcome = await resends.resend(subscription.id, input.parameters['eventId'] ?? '');
    if (outcome !== 'resent') throw resendProblem(outcome);
    if (dueSignal !== undefined) dueSignal.notify();
    return jsonResponse(202, await detail(subscription, input));
  }

  async function recover(input: RouteInput): Promise<Response> {
    const body = await readJsonObject(input.request);
    const { id } = await findSubscription(subscriptions, input);
    const { since, ...range } = readRange(body);
    const position = since instanceof Date ? await resends.positionBefore(since) : since;
    const { recovered, nextSincePosition } = await recoverSince(resends, id, { ...range, since: position });
    if (dueSignal !== undefined && recovered > 0) dueSignal.notify();
    return jsonResponse(202, { recovered, nextSincePosition: nextSincePosition ?? null });
  }

  async function test(input: RouteInput): Promise<Response> {
    throwIfAny(unknownFields(await readJsonObject(input.request), []));
    return jsonResponse(200, await ping(await findSubscription(subscriptions, input), options));
  }

  return [
    { method: 'POST', path: '/:id/test', operation: OPERATIONS.test, handle: test },
    { method: 'GET', path: '/:id/deliveries', operation: OPERATIONS.listDeliveries, handle: list },
    { method: 'GET', path: '/:id/deliveries/:eventId', operation: OPERATIONS.showDelivery, handle: show },
    {
      method: 'POST',
      path: '/:id/deliveries/:eventId/resend',
      operation: OPERATIONS.resend,
      handle: resend,
    },
    { method: 'POST', path: '/:id/recover', operation: OPERATIONS.recover, handle: recover },
  ];
}

/** Undefined when nothing can match: what waits is either pending or parked, as the subscription is active or not. */
function readFilter(query: URLSearchParams, subscription: Subscription): DeliveryFilter | undefined {
  const text = query.get('state');
  const shown = SHOWN_DELIVERY_STATES.find((known) => known === text);
  if (text !== null && shown === undefined) {
    throw badQuery(`state must be one of ${SHOWN_DELIVERY_STATES.join(', ')}`);
  }
  const eventType = query.get('eventType') ?? undefined;
  if (eventType !== undefined && isFilterPattern(eventType) === false) {
    throw badQuery('eventType must be an event type like order.created, or a pattern like order.*');
  }
  const impossible = subscription.state === 'active' ? 'parked' : 'pending';
  if (shown === impossible) return undefined;
  return { state: shown === 'parked' ? 'pending' : shown, eventType };
}

type AskedRange = Omit<RecoveryRange, 'since'> & { readonly since: Date | number };

function readRange(body: Readonly<Record<string, unknown>>): AskedRange {
  const errors = unknownFields(body, RANGE_FIELDS);
  const { since, sincePosition, untilPosition, eventTypes, isDeliveredToo } = body;
  if ((since === undefined) === (sincePosition === undefined)) {
    errors.push({ pointer: pointerTo(), detail: 'must have one of since and sincePosition' });
  }
  const time = typeof since === 'string' ? parseTime(since) : undefined;
  if (since !== undefined && time === undefined) {
    errors.push({ pointer: pointerTo('since'), detail: TIME_DETAIL });
  }
  for (const [field, value] of Object.entries({ sincePosition, untilPosition })) {
    const isPosition = Number.isSafeInteger(value) && Number(value) >= 0;
    if (value !== undefined && isPosition === false) {
      errors.push({ pointer: pointerTo(field), detail: 'must be a whole number from 0 on' });
    }
  }
  if (eventTypes !== undefined && isFilter(eventTypes) === false) {
    const detail = 'must be a list of event types like order.created, or patterns like order.*';
    errors.push({ pointer: pointerTo('eventTypes'), detail });
  }
  if (isDeliveredToo !== undefined && typeof isDeliveredToo !== 'boolean') {
    errors.push({ pointer: pointerTo('isDeliveredToo'), detail: 'must be true or false' });
  }
  throwIfAny(errors);
  return {
    since: time ?? Number(sincePosition),
    until: untilPosition === undefined ? undefined : Number(untilPosition),
    eventTypes: eventTypes as EventFilter | undefined,
    isDeliveredToo: isDeliveredToo === true,
  };
}

const RANGE_FIELDS = ['since', 'sincePosition', 'untilPosition', 'eventTypes', 'isDeliveredToo'];

function isFilter(value: unknown): value is EventFilter {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && isFilterPattern(each));
}
