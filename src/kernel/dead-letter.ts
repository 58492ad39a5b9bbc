import { describeError } from './describe-error.ts';
import { draftEvent } from './draft.ts';
import { MAX_EVENT_BYTES } from './emit.ts';
import { EventIdConflictError } from './errors.ts';
import type { Envelope, NewEvent } from './event.ts';
import type { EventStore, Publisher } from './ports.ts';
import type { EventRegistry } from './registry.ts';
import type { Signal } from './signal.ts';
import type { Attempt, Page, SubscriptionState, Tenant } from './webhook-ports.ts';

/**
 * `delivery_exhausted`: every attempt of a webhook delivery failed. `pipeline_error`: an event was refused by its
 * schema, or by a broker.
 */
export type DeadLetterKind = 'delivery_exhausted' | 'pipeline_error';

export interface DeadLetter {
  readonly id: string;
  readonly kind: DeadLetterKind;
  /** pipeline_error: where it happened. */
  readonly stage: 'emit' | 'publish' | undefined;
  /** pipeline_error at `publish`: whose broker refused it. */
  readonly reader: string | undefined;
  /** delivery_exhausted: to whom it could not be delivered. */
  readonly subscriptionId: string | undefined;
  readonly eventId: string;
  readonly eventType: string;
  readonly tenant: string | undefined;
  readonly position: number | undefined;
  /** The envelope as JSON text. */
  readonly body: string;
  readonly error: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly replayedAt: string | undefined;
  /** delivery_exhausted: all of them, also those of earlier replays. */
  readonly attempts: readonly Attempt[];
}

export interface DeadLetterFilter {
  readonly kind?: DeadLetterKind | undefined;
  readonly eventType?: string | undefined;
  readonly subscriptionId?: string | undefined;
  /** Those that were replayed instead of the open ones. */
  readonly isReplayed?: boolean | undefined;
}

/** What became of putting a delivery back to work. */
export type Requeued = 'requeued' | 'not_found' | Exclude<SubscriptionState, 'active'>;

export interface DeadLetterStore<Tx> {
  /** By id, ascending, which is by age. */
  list(tenant: Tenant, filter: DeadLetterFilter, page: Page): Promise<DeadLetter[]>;
  /** Undefined when there is none or it belongs to another tenant. */
  find(tenant: Tenant, id: string): Promise<DeadLetter | undefined>;
  /** Makes its delivery due, with all its attempts ahead, and marks it; unless its subscription is not active. */
  requeue(tenant: Tenant, id: string): Promise<Requeued>;
  /** Runs `act` and marks the dead letter in one transaction; false when somebody else was faster. */
  conclude(id: string, act: (tx: Tx) => Promise<void>): Promise<boolean>;
  purge(tenant: Tenant, id: string): Promise<boolean>;
}

/** Why one cannot be replayed now; `code` is stable. */
export interface ReplayRefusal {
  readonly code:
    | 'not_found'
    | 'already_replayed'
    | 'subscription_not_active'
    | 'still_invalid'
    | 'event_id_taken'
    | 'no_publisher';
  readonly detail: string;
}

export interface DeadLetterOptions<Tx> {
  readonly store: Pick<EventStore<Tx>, 'log'> & { readonly deadLetters: DeadLetterStore<Tx> };
  readonly registry: EventRegistry;
  /** Those whose refused events may be replayed from this process. */
  readonly publishers?: readonly Publisher[] | undefined;
  readonly dueSignal?: Signal | undefined;
  /** Wakes the sequencer. */
  readonly onEmitted?: (() => void) | undefined;
}

export interface DeadLetters {
  /** Puts one back to work. The event id stays, so receivers can drop what they have seen. */
  replay(tenant: Tenant, id: string): Promise<ReplayRefusal | undefined>;
  /** Replays all open ones that match. */
  replayAll(
    tenant: Tenant,
    filter: DeadLetterFilter,
  ): Promise<{
    readonly replayed: number;
    readonly refused: readonly (ReplayRefusal & { readonly id: string })[];
  }>;
}

const PAGE_SIZE = 100;
/** How many refusals `replayAll` tells of. */
const MAX_REFUSALS = 100;

export function createDeadLetters<Tx>(options: DeadLetterOptions<Tx>): DeadLetters {
  const { registry, publishers = [], dueSignal, onEmitted } = options;
  const { log, deadLetters } = options.store;

  async function replayDelivery(tenant: Tenant, id: string): Promise<ReplayRefusal | undefined> {
    const requeued = await deadLetters.requeue(tenant, id);
    if (requeued === 'requeued') {
      if (dueSignal !== undefined) dueSignal.notify();
      return undefined;
    }
    if (requeued === 'not_found') return ALREADY_REPLAYED;
    return { code: 'subscription_not_active', detail: `the subscription is ${requeued}` };
  }

  /** Validates again: the schema, or a caster, may have been corrected meanwhile. */
  async function emitAgain(letter: DeadLetter): Promise<ReplayRefusal | undefined> {
    const definition = Object.hasOwn(registry, letter.eventType) ? registry[letter.eventType] : undefined;
    if (definition === undefined) return stillInvalid(`the catalog has no event type "${letter.eventType}"`);
    const { source, data, subject, traceparent, timestamp } = JSON.parse(letter.body) as Envelope;
    const { eventId, tenant } = letter;
    const now = Date.parse(timestamp);
    const context = { source, maxEventBytes: MAX_EVENT_BYTES, isTenantRequired: false, now, newId: eventId };
    const draft = draftEvent(definition, { data, subject, eventId, tenant, traceparent }, context);
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

  async function publishAgain(letter: DeadLetter): Promise<ReplayRefusal | undefined> {
    const publisher = publishers.find((candidate) => candidate.name === letter.reader);
    const [event] = letter.position === undefined ? [] : await log.read(letter.position - 1, 1);
    if (publisher === undefined || event === undefined || event.position !== letter.position) {
      return { code: 'no_publisher', detail: `"${letter.reader}" does not publish from this process` };
    }
    try {
      const isConcluded = await deadLetters.conclude(letter.id, () => publisher.publish([event]));
      return isConcluded ? undefined : ALREADY_REPLAYED;
    } catch (error) {
      return stillInvalid(describeError(error));
    }
  }

  async function replay(tenant: Tenant, id: string): Promise<ReplayRefusal | undefined> {
    const letter = await deadLetters.find(tenant, id);
    if (letter === undefined) return { code: 'not_found', detail: 'there is no such dead letter' };
    if (letter.replayedAt !== undefined) return ALREADY_REPLAYED;
    if (letter.kind === 'delivery_exhausted') return replayDelivery(tenant, id);
    return letter.stage === 'publish' ? publishAgain(letter) : emitAgain(letter);
  }

  return {
    replay,

    async replayAll(tenant, filter) {
      const refused: (ReplayRefusal & { readonly id: string })[] = [];
      let replayed = 0;
      let after: string | undefined;
      for (;;) {
        const open = { ...filter, isReplayed: false };
        const letters = await deadLetters.list(tenant, open, { after, limit: PAGE_SIZE });
        for (const letter of letters) {
          const refusal = await replay(tenant, letter.id);
          if (refusal === undefined) replayed += 1;
          else if (refused.length < MAX_REFUSALS) refused.push({ id: letter.id, ...refusal });
        }
        // Onwards by id, so one that fails again meanwhile does not come again.
        after = letters.at(-1)?.id;
        if (after === undefined) return { replayed, refused };
      }
    },
  };
}

const ALREADY_REPLAYED: ReplayRefusal = {
  code: 'already_replayed',
  detail: 'this dead letter was replayed before and has not failed again',
};

function stillInvalid(detail: string): ReplayRefusal {
  return { code: 'still_invalid', detail };
}
