import type { EventSink } from './event-sink.ts';
import type { PlannedEvent } from './planned-event.ts';

/** One that was sent. */
export interface SentEvent {
  readonly eventId: string;
  readonly type: string;
  readonly subject: string | null;
}

export interface SendOptions {
  readonly sink: Pick<EventSink, 'send'>;
  /** Events a second; as fast as it goes unless given. */
  readonly rate: number | undefined;
  /** How many are on their way at a time. */
  readonly width: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly onSent: (sent: SentEvent, count: number) => void;
}

/** Where it failed: the cause, and what had been sent by then. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly sent: readonly SentEvent[];

  constructor(sent: readonly SentEvent[], cause: unknown) {
    super('an event could not be sent', { cause });
    this.sent = sent;
  }
}

/**
 * Sends events in their order, at the pace that was asked for; with a width of more than one, some overtake others.
 * @returns those that were sent: all, unless the signal came
 * @throws SendError
 */
export async function sendEvents(
  events: readonly PlannedEvent[],
  { sink, rate, width, signal, onSent }: SendOptions,
): Promise<SentEvent[]> {
  const sent: SentEvent[] = [];
  const start = performance.now();
  let next = 0;
  let failure: { readonly cause: unknown } | undefined;

  async function work(): Promise<void> {
    while (!signal.aborted && failure === undefined) {
      const index = next++;
      const event = events[index];
      if (event === undefined) return;
      if (rate !== undefined) await pause(start + (index * 1_000) / rate - performance.now(), signal);
      await pause(event.delayMs ?? 0, signal);
      if (signal.aborted) return;
      try {
        const eventId = await sink.send(event);
        const done = { eventId, type: event.type, subject: event.subject ?? null };
        sent.push(done);
        onSent(done, sent.length);
      } catch (cause) {
        failure ??= { cause };
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(width, events.length) }, work));
  if (failure !== undefined) throw new SendError(sent, failure.cause);
  return sent;
}

/** Resolves when the time is over or the signal comes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
