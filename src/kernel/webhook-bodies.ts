import { headerNames } from './custom-headers.ts';
import { withPosition } from './envelope.ts';
import type { SecretBox } from './secret-box.ts';
import type { Endpoint, Subscription } from './subscription-ports.ts';
import type { Delivery, DeliveryDetail } from './webhook-ports.ts';

/** A subscription as the API shows it: neither its secret nor the values of its headers, which are credentials too. */
export function subscriptionBody(secretBox: SecretBox, subscription: Endpoint): Record<string, unknown> {
  return {
    id: subscription.id,
    url: subscription.url,
    eventTypes: subscription.eventTypes,
    description: subscription.description ?? null,
    headerNames: headerNames(secretBox, subscription),
    payload: subscription.payload,
    versions: subscription.versions,
    isOrdered: subscription.isOrdered,
    maxPerSecond: subscription.maxPerSecond ?? null,
    retrySchedule: subscription.retrySchedule ?? null,
    state: subscription.state,
    stateReason: subscription.stateReason ?? null,
    failureCount: subscription.failureCount,
    createdAt: subscription.createdAt,
  };
}

/** A delivery as the API shows it. A pending one of a subscription that is not active is parked. */
export function deliveryBody(delivery: Delivery, subscription: Subscription): Record<string, unknown> {
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

/** The same with its event. */
export function deliveryDetailBody(
  delivery: DeliveryDetail,
  subscription: Subscription,
): Record<string, unknown> {
  const { body, position } = delivery;
  const event = body === undefined ? null : (JSON.parse(withPosition(body, position)) as unknown);
  return { ...deliveryBody(delivery, subscription), event };
}
