import type { EventStore } from '../kernel/ports.ts';
import type { Attempt, DeliveryState, WebhookStore } from '../kernel/webhook-ports.ts';
import type { SqlClient } from '../stores/postgres/sql.ts';

/** An attempt, and what became of its delivery by it. */
export interface Attempted {
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempt: Attempt;
  readonly state: Extract<DeliveryState, 'pending' | 'delivered' | 'exhausted'>;
  /** pending: time until the next attempt. */
  readonly delayMs: number;
}

export interface StoreObserver {
  /** Called after every write that changes what a person sees. */
  onChange(): void;
  onAttempt(attempted: Attempted): Promise<void>;
  /** Called after an endpoint has come, changed or gone. */
  onEndpoint(): void;
}

/** The store, telling of what is written to it. */
export function observedStore<Store extends EventStore<SqlClient> & WebhookStore>(
  store: Store,
  { onChange, onAttempt, onEndpoint }: StoreObserver,
): Store {
  const { log, deliveries, subscriptions } = store;
  const telling = async <Result>(write: Promise<Result>): Promise<Result> => {
    const result = await write;
    onEndpoint();
    return result;
  };

  return {
    ...store,
    log: {
      ...log,
      async stamp(lease, limit) {
        const stamped = await log.stamp(lease, limit);
        if (stamped.count > 0) onChange();
        return stamped;
      },
    },
    subscriptions: {
      ...subscriptions,
      create: (subscription) => telling(subscriptions.create(subscription)),
      update: (tenant, id, revise) => telling(subscriptions.update(tenant, id, revise)),
      remove: (tenant, id) => telling(subscriptions.remove(tenant, id)),
      rotateSecret: (...rotation) => telling(subscriptions.rotateSecret(...rotation)),
    },
    deliveries: {
      ...deliveries,
      async insert(results) {
        await deliveries.insert(results);
        for (const result of results) if (hasAttempt(result)) await onAttempt(result);
        onChange();
      },
      async update(results) {
        await deliveries.update(results);
        for (const result of results) if (hasAttempt(result)) await onAttempt(result);
        onChange();
      },
      async exhaust(delivery) {
        const counted = await deliveries.exhaust(delivery);
        if (counted !== undefined) await onAttempt({ ...delivery, state: 'exhausted', delayMs: 0 });
        onChange();
        return counted;
      },
    },
  };
}

function hasAttempt<Result extends { readonly attempt: Attempt | undefined }>(
  result: Result,
): result is Result & { readonly attempt: Attempt } {
  return result.attempt !== undefined;
}
