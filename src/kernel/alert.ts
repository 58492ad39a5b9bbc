import { describeError } from './describe-error.ts';
import type { Alert, AlertHook, Logger } from './ports.ts';

/**
 * Logs an alert and hands it to the hook. Nobody waits for the hook, and when it fails, that is logged: an
 * alert must never stop what it tells of.
 */
export function raiseAlert(alert: Alert, hook?: AlertHook | undefined, logger?: Logger | undefined): void {
  const { message: text, ...fields } = alert;
  if (logger !== undefined) logger.error(text, fields);
  if (hook === undefined) return;
  Promise.resolve(alert)
    .then(hook)
    .catch((error: unknown) => {
      const message = `the alert hook failed on "${alert.kind}": ${describeError(error)}`;
      if (logger === undefined) process.emitWarning(message, 'EvtgenAlert');
      else logger.error(message);
    });
}
