import { raiseAlert } from './alert.ts';
import type { AlertHook } from './alert.ts';
import { systemClock } from './clock.ts';
import { draftEvent } from './draft.ts';
import type { Draft } from './draft.ts';
import { UnknownEventTypeError } from './errors.ts';
import type { Emittable } from './normalise.ts';
import type { Clock, EventStore, Logger } from './ports.ts';
import type { EventRegistry } from './registry.ts';
import { createUuidv7 } from './uuid.ts';
import type { IdSource } from './uuid.ts';

/** 256 KiB. Larger events hurt everyone downstream: SQS and SNS stop there. */
export const MAX_EVENT_BYTES = 262_144;

/** What to do with an event that its schema refuses, or that breaks another rule. */
export type OnInvalid = 'throw' | 'dead-letter';

export interface EmitInput<Data> {
  readonly data: Emittable<Data>;
  /** Id of the resource. Events of one subject keep their order. */
  readonly subject?: string | number | bigint | undefined;
  /** Makes emitting idempotent: the same id with the same content again changes nothing. Without a dot. */
  readonly eventId?: string | undefined;
  readonly tenant?: string | undefined;
  /** Who caused it; stays in the log. */
  readonly actor?: string | undefined;
  /** W3C trace context of the request. */
  readonly traceparent?: string | undefined;
}

export interface EmitResult {
  readonly eventId: string;
  /** `unchanged`: the change that was to be emitted with it changed nothing, so there is no event. */
  readonly outcome: 'logged' | 'dead_lettered' | 'unchanged';
}

export interface Emitter<Inputs, Tx> {
  /**
   * Writes the event into the log as part of the caller's transaction, with a single INSERT: committed with it,
   * gone with it. What is stored is the data as its schema parses it.
   *
   * @throws InvalidEventError, or its kind EventTooLargeError, with `onInvalid: 'throw'`
   * @throws EventIdConflictError when `eventId` was used before for an event with other content
   * @throws UnknownEventTypeError when the catalog has no such type
   */
  emit<EventType extends keyof Inputs & string>(
    tx: Tx,
    eventType: EventType,
    event: EmitInput<Inputs[EventType]>,
  ): Promise<EmitResult>;
}

export interface EmitterOptions<Tx> {
  readonly registry: EventRegistry;
  readonly store: Pick<EventStore<Tx>, 'log'>;
  /** URI-reference of this service, e.g. `/orders-api`. */
  readonly source: string;
  /**
   * `dead-letter` keeps the business write: the event becomes a dead letter in the same transaction, with an
   * alert. It is the default with NODE_ENV=production, because a schema that was inferred can be wrong;
   * elsewhere `throw` is.
   */
  readonly onInvalid?: OnInvalid | undefined;
  readonly maxEventBytes?: number | undefined;
  /** Set when subscriptions are scoped by tenant: an event without one would reach nobody. */
  readonly isTenantRequired?: boolean | undefined;
  readonly alert?: AlertHook | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly createId?: IdSource | undefined;
  /** Called after each INSERT, which is a little before the commit: wakes the sequencer. */
  readonly onEmitted?: (() => void) | undefined;
}

/** `Inputs` maps each event type to the data that its schema takes. */
export function createEmitter<Inputs, Tx>(options: EmitterOptions<Tx>): Emitter<Inputs, Tx> {
  const { registry, source, alert, logger, onEmitted } = options;
  const { log } = options.store;
  const clock = options.clock ?? systemClock;
  const createId = options.createId ?? createUuidv7(() => clock.now());
  const onInvalid = options.onInvalid ?? defaultOnInvalid();
  const maxEventBytes = options.maxEventBytes ?? MAX_EVENT_BYTES;
  const isTenantRequired = options.isTenantRequired ?? false;

  async function setAside(tx: Tx, draft: Draft & { readonly isValid: false }): Promise<EmitResult> {
    const { eventId, eventType, version, subject, tenant, actor, body } = draft.event;
    const error = draft.error.message;
    const letter = { id: createId(), stage: 'emit' as const, reader: undefined, position: undefined };
    const isWritten = await log.appendPipelineError(tx, {
      ...letter,
      eventId,
      eventType,
      version,
      subject,
      tenant,
      actor,
      body,
      error,
    });
    if (isWritten === false) return { eventId, outcome: 'unchanged' };
    // Before the commit. If the transaction rolls back, the alert tells of a bug all the same.
    raiseAlert(
      {
        kind: 'dead_letter.pipeline_error',
        message: `${eventType} was not logged and is a dead letter now: ${error}`,
        deadLetterId: letter.id,
        eventId,
        eventType,
        tenant,
        error,
      },
      alert,
      logger,
    );
    return { eventId, outcome: 'dead_lettered' };
  }

  return {
    async emit(tx, eventType, input): Promise<EmitResult> {
      const definition = Object.hasOwn(registry, eventType) ? registry[eventType] : undefined;
      if (definition === undefined) throw new UnknownEventTypeError(eventType);
      const context = { source, maxEventBytes, isTenantRequired, now: clock.now(), newId: createId() };
      const draft = draftEvent(definition, input, context);
      if (draft.isValid === false) {
        if (onInvalid === 'throw') throw draft.error;
        return setAside(tx, draft);
      }
      const { eventId } = draft.event;
      if ((await log.append(tx, draft.event)) === false) return { eventId, outcome: 'unchanged' };
      if (onEmitted !== undefined) onEmitted();
      return { eventId, outcome: 'logged' };
    },
  };
}

function defaultOnInvalid(): OnInvalid {
  return process.env['NODE_ENV'] === 'production' ? 'dead-letter' : 'throw';
}
