import { describeError } from './describe-error.ts';
import type { Alert, AlertHook, Logger } from './ports.ts';

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
