import { matchesFilter } from './filter.ts';
import type { LoggedEvent } from './event.ts';
import type { Endpoint, SubscriptionStore } from './subscription-ports.ts';

/** The active subscriptions, as the fan-out sees them. */
export interface EndpointDirectory {
  /**
   * Brings the directory up to date; to be called after a batch was read and before it is fanned out.
   *
   * That order is what keeps a new subscription from missing an event. Take an event that was committed after the
   * subscription's own transaction. It got its position later still, and was read later still; so when this asks
   * for the change counter afterwards, the subscription is visible, and the counter, which moved in the same
   * transaction, tells. Loaded before the read, the directory could be older than the events.
   */
  refresh(): Promise<void>;
  /** Who gets the event. */
  recipients(event: LoggedEvent): Endpoint[];
}

export function createEndpointDirectory(
  subscriptions: Pick<SubscriptionStore, 'change' | 'endpoints'>,
): EndpointDirectory {
  let known = -1;
  let byTenant = new Map<string | undefined, Endpoint[]>();

  return {
    async refresh(): Promise<void> {
      const change = await subscriptions.change();
      if (change === known) return;
      // Read after the counter: what is newer than it is loaded once more, which does no harm.
      const endpoints = await subscriptions.endpoints();
      byTenant = new Map();
      for (const endpoint of endpoints) {
        const list = byTenant.get(endpoint.tenant) ?? [];
        list.push(endpoint);
        byTenant.set(endpoint.tenant, list);
      }
      known = change;
    },

    recipients(event): Endpoint[] {
      if (event.audience !== 'public') return [];
      return (byTenant.get(event.tenant) ?? []).filter(
        (endpoint) =>
          event.position > endpoint.startPosition && matchesFilter(endpoint.eventTypes, event.eventType),
      );
    },
  };
}
