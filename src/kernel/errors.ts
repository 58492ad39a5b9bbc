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
