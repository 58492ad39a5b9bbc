import { ApiProblem, type Api } from '../attach/api.ts';
import { EvtgenError } from '../ui/errors.ts';
import { readPages, type Found } from './pages.ts';
import type { Refusal } from './replay-events.ts';
import { inParallel, orNothing, type ShownAttempt } from './webhooks.ts';

/** A dead letter as the API lists it. */
export interface ShownLetter {
  readonly id: string;
  readonly kind: 'delivery_exhausted' | 'pipeline_error';
  readonly stage: string | null;
  readonly reader: string | null;
  readonly subscriptionId: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string | null;
  readonly tenant: string | null;
  readonly position: number | null;
  readonly error: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly replayedAt: string | null;
  readonly redactedAt: string | null;
}

export interface ShownLetterDetail extends ShownLetter {
  readonly actor: string | null;
  readonly event: unknown;
  readonly attempts: readonly ShownAttempt[];
}

/** Which are meant, in the words of the API. */
export interface LetterFilter {
  readonly kind?: string | undefined;
  readonly state?: string | undefined;
  readonly eventType?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
}

const BULK_SIZE = 500;

export async function listLetters(
  api: Api,
  filter: LetterFilter,
  limit: number,
  cursor: string | undefined,
): Promise<Found<ShownLetter>> {
  return readPages(api, '/dead-letters', { ...filter, cursor }, limit);
}

/** @throws EvtgenError `unknown_dead_letter` */
export async function findLetter(api: Api, id: string): Promise<ShownLetterDetail> {
  const letter = await orNothing(api.call('GET', pathOf(id)));
  if (letter === undefined) throw unknownLetter(api, id);
  return letter as ShownLetterDetail;
}

export interface BulkResult {
  readonly done: number;
  readonly refused: readonly Refusal[];
}

/** Told after each step: how many are done, and of how many. */
type OnProgress = (done: number, total: number) => void;

export async function replayLetters(
  api: Api,
  ids: readonly string[],
  onProgress: OnProgress,
): Promise<BulkResult> {
  let done = 0;
  const refusals = await inParallel(ids, async (id) => {
    const refusal = await replayOne(api, id);
    onProgress(++done, ids.length);
    return refusal === undefined ? [] : [refusal];
  });
  const refused = refusals.flat();
  return { done: ids.length - refused.length, refused };
}

async function replayOne(api: Api, id: string): Promise<Refusal | undefined> {
  try {
    await api.call('POST', `${pathOf(id)}/replay`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.status === 404 && error.code === 'not_found') throw unknownLetter(api, id);
    if (error.status === 409 || error.status === 422) return { id, code: error.code, detail: error.detail };
    throw error;
  }
}

/** Replays those that match, page by page as the API bounds it. */
export async function replayMatching(
  api: Api,
  filter: LetterFilter,
  onProgress: OnProgress,
): Promise<BulkResult> {
  let replayed = 0;
  const refused: Refusal[] = [];
  let cursor: string | null = null;
  do {
    const answer = (await api.call('POST', '/dead-letters/replay', {
      ...defined(filter),
      limit: BULK_SIZE,
      ...(cursor === null ? {} : { cursor }),
    })) as {
      readonly replayed: number;
      readonly refused: readonly Refusal[];
      readonly remaining: number;
      readonly nextCursor: string | null;
    };
    replayed += answer.replayed;
    refused.push(...answer.refused);
    cursor = answer.nextCursor;
    const done = replayed + refused.length;
    onProgress(done, done + answer.remaining);
  } while (cursor !== null);
  return { done: replayed, refused };
}

export async function purgeLetters(
  api: Api,
  ids: readonly string[],
  onProgress: OnProgress,
): Promise<number> {
  let done = 0;
  await inParallel(ids, async (id) => {
    try {
      await api.call('DELETE', pathOf(id));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) throw unknownLetter(api, id);
      throw error;
    }
    onProgress(++done, ids.length);
  });
  return done;
}

export async function purgeMatching(api: Api, filter: LetterFilter, onProgress: OnProgress): Promise<number> {
  let purged = 0;
  for (;;) {
    const answer = (await api.call('POST', '/dead-letters/purge', {
      ...defined(filter),
      limit: BULK_SIZE,
    })) as { readonly purged: number; readonly remaining: number };
    purged += answer.purged;
    onProgress(purged, purged + answer.remaining);
    // Those that await their republication stay, however often one asks.
    if (answer.remaining === 0 || answer.purged === 0) return purged;
  }
}

function pathOf(id: string): string {
  return `/dead-letters/${encodeURIComponent(id)}`;
}

function unknownLetter(api: Api, id: string): EvtgenError {
  return new EvtgenError('unknown_dead_letter', `${api.place} has no dead letter ${id}`);
}

function defined(filter: LetterFilter): LetterFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
