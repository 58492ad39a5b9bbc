import { describeError } from './describe-error.ts';
import type { Logger } from './ports.ts';

/** Something a person should look at. */
export interface Alert {
  readonly kind:
    | 'subscription.failing'
    | 'subscription.deactivated'
    | 'dead_letter.delivery_exhausted'
    | 'dead_letter.pipeline_error'
    | 'publisher.failing';
  readonly message: string;
  readonly deadLetterId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly subscriptionId?: string | undefined;
  /** The reader whose broker is at fault. */
  readonly reader?: string | undefined;
  readonly tenant?: string | undefined;
  readonly lastStatus?: number | undefined;
  readonly lastBody?: string | undefined;
  readonly error?: string | undefined;
}

/** An alert as a person gets it. */
export interface RaisedAlert extends Alert {
  /** How many equal ones it stands for: the first comes at once, those after it are joined. */
  readonly count: number;
  /** When the first of them was raised, ISO 8601. */
  readonly since: string;
  /** Requests to the APIs by which to look at it and to act, e.g. `POST /dead-letters/…/replay`. */
  readonly actions: readonly string[];
}

/** Takes alerts from where they arise; nobody waits for it. */
export type AlertHook = (alert: Alert) => void | Promise<void>;

/** Brings an alert to a person. When it rejects or hangs, that is logged, and nothing else suffers. */
export type OnAlert = (alert: RaisedAlert) => void | Promise<void>;

/**
 * Hands an alert to the hook, or logs it where there is none. Nobody waits for the hook, and when it fails, that is
 * logged with the alert: an alert must never stop what it tells of.
 */
export function raiseAlert(alert: Alert, hook?: AlertHook | undefined, logger?: Logger | undefined): void {
  if (hook === undefined) {
    logAlert(alert, logger);
    return;
  }
  Promise.resolve(alert)
    .then(hook)
    .catch((error: unknown) => {
      const message = `the alert hook failed on "${alert.kind}": ${describeError(error)}`;
      if (logger === undefined) process.emitWarning(message, 'EvtgenAlert');
      else logger.error(message);
      logAlert(alert, logger);
    });
}

/** A line in the log, with all that the alert says. */
export function logAlert(alert: Alert, logger: Logger | undefined): void {
  const { message, ...fields } = alert;
  if (logger !== undefined) logger.error(message, fields);
}
