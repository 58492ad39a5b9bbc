import { ApiProblem, type Api } from '../attach/api.ts';
import { EvtgenError } from '../ui/errors.ts';
import { readPages } from './pages.ts';

export interface ShownSubscription {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly eventTypes: readonly string[];
}

export interface ShownAttempt {
  /** ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  readonly status?: number;
  readonly body?: string;
  readonly failure?: string;
  readonly error?: string;
}

export interface ShownDelivery {
  readonly state: string;
  readonly isReplay: boolean;
  readonly attempts: readonly ShownAttempt[];
  readonly nextAttemptAt: string | null;
}

/** Asked for at a time. */
const WIDTH = 8;
const MAX_SUBSCRIPTIONS = 1_000;

/**
 * Those that are named, else all that are active.
 * @throws EvtgenError `unknown_subscription`
 */
export async function subscriptionsOf(
  api: Api,
  wanted: readonly string[],
): Promise<readonly ShownSubscription[]> {
  if (wanted.length === 0) return (await allSubscriptions(api)).filter(({ state }) => state === 'active');
  const found: ShownSubscription[] = [];
  for (const id of wanted) {
    const subscription = await orNothing(api.call('GET', `/webhooks/${encodeURIComponent(id)}`));
    if (subscription === undefined) {
      throw new EvtgenError(
        'unknown_subscription',
        `${api.place} has no subscription ${JSON.stringify(id)}`,
        {
          hint: 'GET /webhooks lists them',
        },
      );
    }
    found.push(subscription as ShownSubscription);
  }
  return found;
}

async function allSubscriptions(api: Api): Promise<readonly ShownSubscription[]> {
  return (await readPages<ShownSubscription>(api, '/webhooks', {}, MAX_SUBSCRIPTIONS)).items;
}

/** What became of an event, for each subscription that it was for. */
export async function deliveriesOf(
  api: Api,
  eventId: string,
): Promise<readonly (ShownDelivery & { readonly subscription: ShownSubscription })[]> {
  const subscriptions = [...(await allSubscriptions(api))];
  const found = await inParallel(subscriptions, async (subscription) => {
    const path = `/webhooks/${encodeURIComponent(subscription.id)}/deliveries/${encodeURIComponent(eventId)}`;
    const delivery = (await orNothing(api.call('GET', path))) as ShownDelivery | undefined;
    return delivery === undefined ? [] : [{ ...delivery, subscription }];
  });
  return found.flat();
}

/** Does something with each, some at a time; the results come in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, work));
  return results;
}

/** Undefined where there is none. */
export async function orNothing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404 && error.code === 'not_found') return undefined;
    throw error;
  }
}
