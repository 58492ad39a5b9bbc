/** Only public events reach webhooks and streams; brokers get all. */
export type Audience = 'public' | 'internal';

/** The JSON document that subscribers, brokers and streams receive. */
export interface Envelope<Data = unknown> {
  /** UUIDv7 unless the caller chose another; never contains a dot (it is signed as `id.timestamp.body`). */
  readonly eventId: string;
  readonly eventType: string;
  /** Version of the event type's schema, from 1. */
  readonly version: number;
  /** When it happened: ISO 8601 UTC with milliseconds. */
  readonly timestamp: string;
  /** URI-reference of the emitting service, e.g. `/orders-api`. */
  readonly source: string;
  readonly data: Data;
  /** Id of the resource; the partition key of brokers. */
  readonly subject?: string | undefined;
  /** Present once the sequencer has run. */
  readonly position?: number | undefined;
  /** W3C trace context of the emitting request. */
  readonly traceparent?: string | undefined;
}

/** An event on its way into the log, inside the caller's transaction. */
export interface NewEvent {
  readonly eventId: string;
  /** The caller chose the id, so the log may have an event with it already. */
  readonly isIdGiven: boolean;
  readonly eventType: string;
  readonly version: number;
  readonly timestamp: string;
  readonly audience: Audience;
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  /** Who caused it; recorded in the log, not part of the envelope. */
  readonly actor: string | undefined;
  /** The envelope as JSON text, without `position`. */
  readonly body: string;
}

/**
 * An event that was given up on its way: refused by its schema (`emit`) or by a broker (`publish`). It becomes
 * a dead letter of the kind `pipeline_error`.
 */
export interface PipelineError {
  /** Id of the dead letter. */
  readonly id: string;
  readonly stage: 'emit' | 'publish';
  /** The reader that could not pass it on; undefined at stage `emit`. */
  readonly reader: string | undefined;
  readonly eventId: string;
  readonly eventType: string;
  readonly version: number;
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  readonly actor: string | undefined;
  /** Undefined at stage `emit`: the event never reached the log. */
  readonly position: number | undefined;
  /** The envelope as JSON text; at stage `emit` its data is what the caller gave, less credentials. */
  readonly body: string;
  /** What was wrong, for a person. */
  readonly error: string;
}

/** A committed event with its position. */
export interface LoggedEvent {
  readonly position: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly version: number;
  readonly timestamp: string;
  readonly audience: Audience;
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  /** The envelope as JSON text, without `position`. */
  readonly body: string;
}

/** An event as a broker gets it. */
export interface PublishedEvent extends Omit<LoggedEvent, 'position'> {
  /**
   * Undefined when a dead letter is replayed. Later events have long been published, so consumers would take the
   * position that it has in the log for that of a late repeat, and drop it.
   */
  readonly position: number | undefined;
}
