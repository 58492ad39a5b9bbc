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
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly onSent: (count: number) => void;
}

/** Of what is sent at once: enough for the round trips to cost nothing, few enough to be told how far it is. */
const MAX_EVENTS = 250;
/** Half of what serve takes as a body. */
const MAX_CHARACTERS = 512 * 1024;

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
 * Sends events in their order, at the pace that was asked for; together what is due together.
 * @returns those that were sent: all, unless the signal came
 * @throws SendError
 */
export async function sendEvents(
  events: readonly PlannedEvent[],
  { sink, rate, signal, onSent }: SendOptions,
): Promise<SentEvent[]> {
  const sent: SentEvent[] = [];
  const start = performance.now();
  const dueIn = (index: number): number =>
    rate === undefined ? 0 : start + (index * 1_000) / rate - performance.now();

  while (sent.length < events.length) {
    await pause(dueIn(sent.length), signal);
    await pause(events[sent.length]?.delayMs ?? 0, signal);
    if (signal.aborted) break;
    const batch = nextBatch(events, sent.length, (index) => dueIn(index) <= 0);
    try {
      const eventIds = await sink.send(batch);
      for (const [index, { type, subject }] of batch.entries()) {
        sent.push({ eventId: eventIds[index] ?? '', type, subject: subject ?? null });
      }
    } catch (cause) {
      throw new SendError(sent, cause);
    }
    onSent(sent.length);
  }
  return sent;
}

/** The event at `from` and those behind it that are due too and wait for nothing. */
function nextBatch(
  events: readonly PlannedEvent[],
  from: number,
  isDue: (index: number) => boolean,
): PlannedEvent[] {
  const batch: PlannedEvent[] = [];
  let characters = 0;
  for (const event of events.slice(from, from + MAX_EVENTS)) {
    characters += JSON.stringify(event.data).length;
    const isForLater = (event.delayMs ?? 0) > 0 || characters > MAX_CHARACTERS || !isDue(from + batch.length);
    if (batch.length > 0 && isForLater) break;
    batch.push(event);
  }
  return batch;
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
