/** Another process holds the role now; whoever gets this stops acting in it. */
export class LeaseLostError extends Error {
  override readonly name: string = 'LeaseLostError';

  constructor(role: string) {
    super(`the lease of "${role}" is held by another process`);
  }
}

/** The event id was used before for an event with other content. */
export class EventIdConflictError extends Error {
  override readonly name: string = 'EventIdConflictError';
  readonly eventId: string;

  constructor(eventId: string) {
    super(`event id "${eventId}" is already in the log with other content`);
    this.eventId = eventId;
  }
}

/** The event type is not in the registry, i.e. not in the catalog. */
export class UnknownEventTypeError extends Error {
  override readonly name: string = 'UnknownEventTypeError';
  readonly eventType: string;

  constructor(eventType: string) {
    super(`unknown event type "${eventType}"; the catalog does not list it`);
    this.eventType = eventType;
  }
}

/** One thing that is wrong with an event; `path` is dotted, e.g. `data.items.0.quantity`. */
export interface EventIssue {
  readonly path: string;
  readonly message: string;
}

/** What was emitted does not fit the event type's schema or the rules of the envelope. */
export class InvalidEventError extends Error {
  override readonly name: string = 'InvalidEventError';
  readonly eventType: string;
  readonly issues: readonly EventIssue[];

  constructor(eventType: string, issues: readonly EventIssue[]) {
    super(`invalid ${eventType}: ${issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')}`);
    this.eventType = eventType;
    this.issues = issues;
  }
}

/** The envelope is larger than the log takes. */
export class EventTooLargeError extends InvalidEventError {
  override readonly name: string = 'EventTooLargeError';
  readonly bytes: number;
  readonly maxBytes: number;

  constructor(eventType: string, bytes: number, maxBytes: number) {
    super(eventType, [{ path: 'data', message: `the event has ${bytes} bytes, the limit is ${maxBytes}` }]);
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }
}

/** An event's data could not be brought into another version of its type. */
export class CastError extends Error {
  override readonly name: string = 'CastError';
  readonly eventId: string;

  constructor(
    event: { readonly eventId: string; readonly eventType: string },
    version: number,
    reason: string,
  ) {
    super(`${event.eventType} ${event.eventId} has no version ${version}: ${reason}`);
    this.eventId = event.eventId;
  }
}

/** A broker will never take this event, for example because it is too large. */
export class UnpublishableError extends Error {
  override readonly name: string = 'UnpublishableError';
  readonly eventId: string;

  constructor(eventId: string, reason: string) {
    super(`event ${eventId} cannot be published: ${reason}`);
    this.eventId = eventId;
  }
}

/** Why an attempt got no HTTP response. */
export type TransportFailure =
  | 'blocked_address'
  | 'dns'
  | 'connect_timeout'
  | 'refused'
  | 'reset'
  | 'tls'
  | 'timeout'
  | 'protocol';

/** The receiver could not be reached or did not answer in HTTP. */
export class TransportError extends Error {
  override readonly name: string = 'TransportError';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** A client of the stream took nothing for so long that it was cut off; it comes back by itself. */
export class SlowClientError extends Error {
  override readonly name: string = 'SlowClientError';

  constructor() {
    super('the client was too slow');
  }
}
