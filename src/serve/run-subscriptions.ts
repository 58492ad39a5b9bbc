import { DEFAULT_SETTINGS } from '../kernel/subscriptions.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import type { SubscriptionStore } from '../kernel/subscription-ports.ts';
import type { LocalRuntimeStore } from '../stores/postgres/local-runtime.ts';

/** An endpoint that a flag asks for. */
export interface WantedEndpoint {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly flag: '--forward' | '--receiver';
}

export interface RunSubscription extends WantedEndpoint {
  readonly subscriptionId: string;
}

export interface RunSubscriptionsOptions {
  readonly local: LocalRuntimeStore;
  readonly subscriptions: Pick<SubscriptionStore, 'create' | 'remove'>;
  readonly secretBox: SecretBox;
  readonly createId: () => string;
  /** One for all of them, so that a developer has one secret to configure. */
  readonly secret: string;
}

export interface RunSubscriptions {
  readonly list: readonly RunSubscription[];
  remove(): Promise<void>;
}

/**
 * Subscribes what the flags of this run ask for, until the run ends. What a killed run has left is taken away first:
 * its flags are not ours.
 */
export async function subscribeForRun(
  options: RunSubscriptionsOptions,
  wanted: readonly WantedEndpoint[],
): Promise<RunSubscriptions> {
  const { local, subscriptions, secretBox, createId, secret } = options;
  for (const { id, description } of await local.endpoints()) {
    if (description !== undefined && MARKS.has(description)) await subscriptions.remove(undefined, id);
  }
  const list: RunSubscription[] = [];
  for (const endpoint of wanted) {
    const subscriptionId = createId();
    await subscriptions.create({
      ...DEFAULT_SETTINGS,
      id: subscriptionId,
      tenant: undefined,
      url: endpoint.url,
      description: markOf(endpoint.flag),
      eventTypes: endpoint.eventTypes,
      sealedSecret: secretBox.seal(secret, subscriptionId),
      sealedHeaders: undefined,
    });
    list.push({ ...endpoint, subscriptionId });
  }
  return {
    list,
    async remove() {
      for (const { subscriptionId } of list) await subscriptions.remove(undefined, subscriptionId);
    },
  };
}

/** The description by which such a subscription is known again. */
function markOf(flag: WantedEndpoint['flag']): string {
  return `until serve ends (${flag})`;
}

const MARKS: ReadonlySet<string> = new Set([markOf('--forward'), markOf('--receiver')]);
