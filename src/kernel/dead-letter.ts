import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
  DeadLetterSummary,
  Requeued,
} from './dead-letter-ports.ts';
import { draftEvent } from './draft.ts';
import { MAX_EVENT_BYTES } from './emit.ts';
import { EventIdConflictError } from './errors.ts';
import type { Envelope, NewEvent } from './event.ts';
import type { EventStore } from './ports.ts';
import type { EventRegistry } from './registry.ts';
import type { Signal } from './signal.ts';
import type { TenantScope } from './tenant-scope.ts';

/** Why one cannot be replayed now; `code` is stable. */
export interface ReplayRefusal {
  readonly code:
    | 'not_found'
    | 'already_replayed'
    | 'subscription_not_active'
    | 'still_invalid'
    | 'event_id_taken'
    | 'redacted';
  readonly detail: string;
}

export interface DeadLetterOptions<Tx> {
  readonly store: Pick<EventStore<Tx>, 'log'> & { readonly deadLetters: DeadLetterStore<Tx> };
  readonly registry: EventRegistry;
  /** As the emitter has it. */
  readonly maxEventBytes?: number | undefined;
  /** As the emitter has it. */
  readonly isTenantRequired?: boolean | undefined;
  /** Wakes those who send what was put back to work. */
  readonly dueSignal?: Signal | undefined;
  /** Wakes the sequencer. */
  readonly onEmitted?: (() => void) | undefined;
}

/** What became of one page of a replay by filter. */
export interface ReplayPage {
  readonly replayed: number;
  readonly refused: readonly (ReplayRefusal & { readonly id: string })[];
  /** How many that match are still to come. */
  readonly remaining: number;
  /** Where the next page begins; undefined when this was the last. */
  readonly after: string | undefined;
}

export interface DeadLetters {
  /** Puts one back to work. The event id stays, so receivers can drop what they have seen. */
  replay(scope: TenantScope, id: string): Promise<ReplayRefusal | undefined>;
  /** Replays up to `limit` open ones that match, the oldest first. */
  replayPage(
    scope: TenantScope,
    filter: DeadLetterFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ReplayPage>;
  /**
   * Replays all open ones that match, and tells how far it is after each page. It goes on as the pages are taken,
   * so who stops taking them stops the replay.
   */
  replayAll(scope: TenantScope, filter?: DeadLetterFilter | undefined): AsyncGenerator<ReplayPage, void>;
}

const PAGE_SIZE = 500;

export function createDeadLetters<Tx>(options: DeadLetterOptions<Tx>): DeadLetters {
  const { registry, dueSignal, onEmitted } = options;
  const { log, deadLetters } = options.store;
  const { maxEventBytes = MAX_EVENT_BYTES, isTenantRequired = false } = options;

  /** Validates again: the schema may have been corrected meanwhile. */
  async function emitAgain(letter: DeadLetter): Promise<ReplayRefusal | undefined> {
    if (letter.redactedAt !== undefined || letter.body === undefined) return REDACTED;
    const definition = Object.hasOwn(registry, letter.eventType) ? registry[letter.eventType] : undefined;
    if (definition === undefined) return stillInvalid(`the catalog has no event type "${letter.eventType}"`);
    const { source, data, subject, traceparent, timestamp } = JSON.parse(letter.body) as Envelope;
    const { eventId, tenant, actor } = letter;
    const now = Date.parse(timestamp);
    const context = { source, maxEventBytes, isTenantRequired, now, newId: eventId };
    const draft = draftEvent(definition, { data, subject, eventId, tenant, actor, traceparent }, context);
    if (draft.isValid === false) return stillInvalid(draft.error.message);
    const event: NewEvent = draft.event;
    try {
      const isConcluded = await deadLetters.conclude(letter.id, (tx) => log.append(tx, event));
      if (isConcluded === false) return ALREADY_REPLAYED;
    } catch (error) {
      if (error instanceof EventIdConflictError) return { code: 'event_id_taken', detail: error.message };
      throw error;
    }
    if (onEmitted !== undefined) onEmitted();
    return undefined;
  }

  async function replayEach(
    scope: TenantScope,
    letters: readonly DeadLetterSummary[],
  ): Promise<Map<string, ReplayRefusal | undefined>> {
    const ids = letters.filter((letter) => letter.stage !== 'emit').map((letter) => letter.id);
    const requeued = ids.length === 0 ? NONE : await deadLetters.requeue(scope, ids);
    if (dueSignal !== undefined && requeued.size > 0) dueSignal.notify();
    const refusals = new Map<string, ReplayRefusal | undefined>();
    for (const { id, stage } of letters) {
      const letter = stage === 'emit' ? await deadLetters.find(scope, id) : undefined;
      refusals.set(id, letter === undefined ? refusalOf(requeued.get(id)) : await emitAgain(letter));
    }
    return refusals;
  }

  async function replayPage(
    scope: TenantScope,
    filter: DeadLetterFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ReplayPage> {
    const open = { ...filter, isReplayed: false };
    const letters = await deadLetters.list(scope, open, page);
    const refusals = await replayEach(scope, letters);
    const refused = [...refusals].flatMap(([id, refusal]) =>
      refusal === undefined ? [] : [{ id, ...refusal }],
    );
    // Onwards by id, so one that fails again meanwhile does not come again.
    const last = letters.at(-1)?.id;
    const remaining = letters.length < page.limit ? 0 : await deadLetters.count(scope, open, last);
    const after = remaining === 0 ? undefined : last;
    return { replayed: letters.length - refused.length, refused, remaining, after };
  }

  return {
    async replay(scope, id) {
      const letter = await deadLetters.find(scope, id);
      if (letter === undefined) return NOT_FOUND;
      if (letter.replayedAt !== undefined) return ALREADY_REPLAYED;
      return (await replayEach(scope, [letter])).get(id);
    },

    replayPage,

    async *replayAll(scope, filter = {}) {
      let after: string | undefined;
      do {
        const page = await replayPage(scope, filter, { after, limit: PAGE_SIZE });
        after = page.after;
        yield page;
      } while (after !== undefined);
    },
  };
}

const NONE: ReadonlyMap<string, Requeued> = new Map();
const NOT_FOUND: ReplayRefusal = { code: 'not_found', detail: 'there is no such dead letter' };
const ALREADY_REPLAYED: ReplayRefusal = {
  code: 'already_replayed',
  detail: 'this dead letter was replayed before and has not failed again',
};
const REDACTED: ReplayRefusal = { code: 'redacted', detail: 'its data was erased on request' };

function refusalOf(requeued: Requeued | undefined): ReplayRefusal | undefined {
  if (requeued === 'requeued') return undefined;
  if (requeued === undefined) return NOT_FOUND;
  if (requeued === 'already_replayed') return ALREADY_REPLAYED;
  if (requeued === 'redacted') return REDACTED;
  return { code: 'subscription_not_active', detail: `the subscription is ${requeued}` };
}

function stillInvalid(detail: string): ReplayRefusal {
  return { code: 'still_invalid', detail };
}
