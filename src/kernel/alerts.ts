import { setMaxListeners } from 'node:events';
import { logAlert, raiseAlert } from './alert.ts';
import type { Alert, AlertHook, OnAlert, RaisedAlert } from './alert.ts';
import { backgroundClock } from './clock.ts';
import type { Clock, Logger } from './ports.ts';

/** Equal alerts within this time are joined into one. */
const WINDOW_MS = 300_000;
/** When more subscriptions or readers than this fail at once, the cause is ours, and one alert says it. */
const MAX_SUBJECTS_PER_KIND = 20;
const HOOK_TIMEOUT_MS = 10_000;

export interface AlertsOptions {
  /** Brings them to a person. Without it they are logged only. */
  readonly onAlert?: OnAlert | undefined;
  readonly logger?: Logger | undefined;
  /** Where the routes are mounted, unless at the root: `/api`. */
  readonly basePath?: string | undefined;
  readonly windowMs?: number | undefined;
  readonly hookTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface Alerts {
  /** Passed to whatever raises alerts. */
  readonly raise: AlertHook;
  /** Brings what is joined so far, and waits for the hook, for a bounded time. */
  close(): Promise<void>;
}

/** Equal alerts that await the end of their window. */
interface Window {
  since: number;
  count: number;
  latest: Alert;
}

/**
 * Keeps a flood of failures from becoming a flood of pages. Alerts are equal when they are of one kind and about
 * the same subscription, reader or event type. The first is brought at once; those that follow within five minutes
 * come as one, the latest of them with their number, for as long as it goes on.
 */
export function createAlerts(options: AlertsOptions): Alerts {
  const { onAlert, logger, basePath = '' } = options;
  const { windowMs = WINDOW_MS, hookTimeoutMs = HOOK_TIMEOUT_MS } = options;
  const clock = options.clock ?? backgroundClock;
  const windows = new Map<string, Window>();
  const tasks = new Set<Promise<void>>();
  const closing = new AbortController();
  // Every window listens, and Node.js would take that for a leak.
  setMaxListeners(0, closing.signal);

  function keyOf(alert: Alert): string {
    const subject = alert.subscriptionId ?? alert.reader ?? alert.eventType ?? '';
    const key = JSON.stringify([alert.kind, alert.tenant, subject]);
    const ofKind = [...windows.values()].filter((window) => window.latest.kind === alert.kind).length;
    return windows.has(key) || ofKind < MAX_SUBJECTS_PER_KIND ? key : alert.kind;
  }

  async function callHook(hook: OnAlert, alert: RaisedAlert): Promise<void> {
    const settled = new AbortController();
    const call = Promise.resolve(alert)
      .then(hook)
      .finally(() => settled.abort());
    await Promise.race([call, clock.sleep(hookTimeoutMs, settled.signal)]);
    if (settled.signal.aborted === false) throw new Error(`no answer within ${hookTimeoutMs} ms`);
    await call;
  }

  function bring(alert: Alert, count: number, since: number): void {
    const message = count === 1 ? alert.message : `${alert.message} (the latest of ${count} like it)`;
    const actions = actionsOf(alert, basePath);
    const raised = { ...alert, message, count, since: new Date(since).toISOString(), actions };
    if (onAlert === undefined) {
      logAlert(raised, logger);
      return;
    }
    const hook = (): Promise<void> => callHook(onAlert, raised);
    track(new Promise((resolve) => raiseAlert(alert, () => hook().finally(resolve), logger)));
  }

  function track(task: Promise<void>): void {
    tasks.add(task);
    void task.then(() => tasks.delete(task));
  }

  async function summarise(key: string, window: Window): Promise<void> {
    do {
      window.count = 0;
      window.since = clock.now();
      await clock.sleep(windowMs, closing.signal);
      if (window.count > 0) bring(window.latest, window.count, window.since);
    } while (window.count > 0 && closing.signal.aborted === false);
    windows.delete(key);
  }

  return {
    raise(alert): void {
      const key = keyOf(alert);
      const window = windows.get(key);
      if (window === undefined) {
        bring(alert, 1, clock.now());
        const opened = { since: clock.now(), count: 0, latest: alert };
        windows.set(key, opened);
        track(summarise(key, opened));
        return;
      }
      if (window.count === 0) window.since = clock.now();
      window.count += 1;
      window.latest = alert;
    },

    async close(): Promise<void> {
      closing.abort();
      // A summary that ends may call the hook.
      while (tasks.size > 0) await Promise.all(tasks);
    },
  };
}

/** What a person does about it, as requests to the APIs. */
function actionsOf(alert: Alert, basePath: string): string[] {
  const { deadLetterId, subscriptionId } = alert;
  const letter = `${basePath}/dead-letters/${deadLetterId}`;
  const webhook = `${basePath}/webhooks/${subscriptionId}`;
  return [
    ...(deadLetterId === undefined ? [] : [`GET ${letter}`, `POST ${letter}/replay`]),
    ...(subscriptionId === undefined ? [] : [`GET ${webhook}/deliveries`]),
    ...(alert.kind === 'subscription.deactivated' ? [`POST ${webhook}/enable`] : []),
  ];
}
