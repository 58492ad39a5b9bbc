import { randomUUID } from 'node:crypto';
import { backoffMs, systemClock } from './clock.ts';
import { createPartStatus } from './part-status.ts';
import type { Clock, Logger, Notifier } from './ports.ts';
import { createSharedSignal } from './shared-signal.ts';
import type { SharedSignal } from './shared-signal.ts';
import { createSignal } from './signal.ts';
import type { Signal } from './signal.ts';

/** What a message to oneself may take; after that, none is expected to arrive. */
const ECHO_TIMEOUT_MS = 5_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;

export interface WakeUpOptions {
  /** Undefined: the signals work within this process, and others find out by polling. */
  readonly notifier?: Notifier | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

export interface WakeUp {
  /** Events were written; the sequencer waits for it, in whichever process it runs. */
  readonly outboxSignal: Signal;
  /** Events got their positions; readers and streams of all processes wait for it. */
  readonly logSignal: Signal;
  /** Deliveries became due at once, by a replay for example; the retries of all processes wait for it. */
  readonly dueSignal: Signal;
  /** Ends the listening and the telling; within this process the signals go on. */
  close(): Promise<void>;
}

/**
 * Signals that reach the other processes as well, which then need not wait for their next poll. Nothing depends
 * on it: messages may get lost, and everybody polls all the same.
 *
 * Messages are sent outside of the application's transactions. The listening begins with the first who waits: a
 * process that only emits keeps no connection for it.
 */
export function createWakeUp(options: WakeUpOptions): WakeUp {
  const { notifier, logger } = options;
  const clock = options.clock ?? systemClock;
  const [outboxSignal, logSignal, dueSignal] = [
    createSignal(clock),
    createSignal(clock),
    createSignal(clock),
  ];
  const signals = { outboxSignal, logSignal, dueSignal };
  if (notifier === undefined) return { ...signals, close: () => Promise.resolve() };

  const self = randomUUID();
  const topics = new Map<string, Signal>(Object.entries(signals));
  const listener = createListener({ notifier, self, topics, clock, logger });
  const status = createPartStatus('waking other processes', clock, logger);
  const share = (topic: string, signal: Signal): SharedSignal =>
    createSharedSignal({
      signal,
      isForOne: signal === outboxSignal,
      clock,
      onWait: listener.start,
      async tell(): Promise<void> {
        try {
          await notifier.notify(`${topic} ${self}`);
          status.succeeded();
        } catch (error) {
          status.failed(error);
        }
      },
    });
  const shared = {
    outboxSignal: share('outboxSignal', outboxSignal),
    logSignal: share('logSignal', logSignal),
    dueSignal: share('dueSignal', dueSignal),
  };

  return {
    ...shared,
    async close(): Promise<void> {
      await Promise.all([...Object.values(shared), listener].map((each) => each.close()));
    },
  };
}

interface Listener {
  /** Begins in the background, once. */
  start(): void;
  close(): Promise<void>;
}

interface ListenerOptions {
  readonly notifier: Notifier;
  /** Names this process in its messages, which it sends to itself too. */
  readonly self: string;
  /** What to notify when another process names it. */
  readonly topics: ReadonlyMap<string, Signal>;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** Listens until it is closed, or until it turns out that messages do not arrive here. */
function createListener({ notifier, self, topics, clock, logger }: ListenerOptions): Listener {
  const status = createPartStatus('listening to other processes', clock, logger);
  const echo = createSignal(clock);
  const closed = new AbortController();
  let running: Promise<void> | undefined;

  function hear(message: string): void {
    const [topic = '', sender] = message.split(' ');
    const signal = sender === self ? echo : topics.get(topic);
    if (signal !== undefined) signal.notify();
  }

  /** A pooler in transaction mode accepts LISTEN and then delivers nothing; only a message tells. */
  async function hasEcho(lost: AbortSignal): Promise<boolean> {
    const before = echo.generation();
    await notifier.notify(`echo ${self}`);
    await echo.wait(ECHO_TIMEOUT_MS, lost, before);
    return echo.generation() !== before;
  }

  /** Resolves when it is closed or is of no use; rejects when the connection failed. */
  async function listen(): Promise<void> {
    const lost = new AbortController();
    const end = (): void => lost.abort();
    const unlisten = await notifier.listen(hear, end);
    closed.signal.addEventListener('abort', end, { once: true });
    try {
      const isHeard = await hasEcho(lost.signal);
      if (isHeard === false && lost.signal.aborted === false) {
        if (logger !== undefined) logger.info('notifications of the database do not arrive: polling goes on');
        return;
      }
      status.succeeded();
      await aborted(lost.signal);
    } finally {
      closed.signal.removeEventListener('abort', end);
      await unlisten();
    }
    if (closed.signal.aborted === false) throw new Error('the connection was lost');
  }

  async function run(): Promise<void> {
    while (closed.signal.aborted === false) {
      try {
        await listen();
        return;
      } catch (error) {
        const failures = status.failed(error);
        await clock.sleep(backoffMs(failures, BACKOFF_FIRST_MS, BACKOFF_MAX_MS), closed.signal);
      }
    }
  }

  return {
    start(): void {
      if (closed.signal.aborted === false) running ??= run();
    },
    async close(): Promise<void> {
      closed.abort();
      await running;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
