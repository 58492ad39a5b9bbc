import { ApiProblem, type Api } from '../attach/api.ts';
import type { Terminal } from '../ui/terminal.ts';
import { newestPosition, type ShownEvent } from './events.ts';
import { inParallel, type ShownSubscription } from './webhooks.ts';

export interface Refusal {
  readonly id: string;
  readonly code: string;
  readonly detail: string;
}

/** Says what can be done about them. */
export function hintAtRefusals(refused: readonly Refusal[], terminal: Terminal): void {
  if (refused.some(({ code }) => code === 'subscription_not_active')) {
    terminal.note(
      'hint: enable the webhook first: POST /webhooks/<id>/enable, or on the page of evtgen serve',
    );
  }
}

/** What a replay did for one subscription. */
export interface ReplayedFor {
  readonly subscriptionId: string;
  readonly url: string;
  readonly replayed: number;
  readonly refused: readonly Refusal[];
}

export interface RangeRequest {
  /** A position or a time. */
  readonly since: string;
  readonly types: readonly string[];
  /** Leave out what was delivered. */
  readonly isUndeliveredOnly: boolean;
}

/**
 * Sends what is in the log since then again, subscription by subscription, up to what is its newest event now.
 * @param onProgress is told of the positions that are done, of how many
 */
export async function replayRange(
  api: Api,
  subscriptions: readonly ShownSubscription[],
  request: RangeRequest,
  onProgress: (done: number, total: number) => void,
): Promise<readonly ReplayedFor[]> {
  const head = await newestPosition(api);
  const start = await startOf(api, request.since, head);
  const length = head - start;
  const results: ReplayedFor[] = [];
  for (const [index, { id, url }] of subscriptions.entries()) {
    let replayed = 0;
    let position: number | null = start;
    while (position !== null && position < head) {
      onProgress(index * length + position - start, subscriptions.length * length);
      const answer = (await api.call('POST', `/webhooks/${encodeURIComponent(id)}/recover`, {
        sincePosition: position,
        untilPosition: head,
        ...(request.types.length === 0 ? {} : { eventTypes: request.types }),
        ...(request.isUndeliveredOnly ? {} : { isDeliveredToo: true }),
      })) as { readonly recovered: number; readonly nextSincePosition: number | null };
      replayed += answer.recovered;
      position = answer.nextSincePosition;
    }
    results.push({ subscriptionId: id, url, replayed, refused: [] });
  }
  onProgress(subscriptions.length * length, subscriptions.length * length);
  return results;
}

/** The position before the first event of a time. */
async function startOf(api: Api, since: string, head: number): Promise<number> {
  if (/^\d+$/.test(since)) return Math.min(Number(since), head);
  const { data } = (await api.call('GET', `/events?since=${encodeURIComponent(since)}&limit=1`)) as {
    readonly data: readonly ShownEvent[];
  };
  return data[0] === undefined ? head : data[0].position - 1;
}

/** Sends events again, each to the subscriptions that it is for. */
export async function replayEach(
  api: Api,
  subscriptions: readonly ShownSubscription[],
  eventIds: readonly string[],
  onProgress: (done: number, total: number) => void,
): Promise<readonly ReplayedFor[]> {
  const total = subscriptions.length * eventIds.length;
  let done = 0;
  return inParallel(subscriptions, async ({ id: subscriptionId, url }) => {
    let replayed = 0;
    const refused: Refusal[] = [];
    for (const id of eventIds) {
      const outcome = await resend(api, subscriptionId, id);
      if (outcome === 'resent') replayed += 1;
      else if (outcome !== undefined) refused.push(outcome);
      onProgress(++done, total);
    }
    return { subscriptionId, url, replayed, refused };
  });
}

/** Undefined where the event is not for the subscription. */
async function resend(api: Api, subscriptionId: string, id: string): Promise<'resent' | Refusal | undefined> {
  const path = `/webhooks/${encodeURIComponent(subscriptionId)}/deliveries/${encodeURIComponent(id)}/resend`;
  try {
    await api.call('POST', path);
    return 'resent';
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.status === 404 && error.code === 'not_found') return undefined;
    if (error.status === 409) return { id, code: error.code, detail: error.detail };
    throw error;
  }
}
