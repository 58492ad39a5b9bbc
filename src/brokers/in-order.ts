import type { PublishedEvent } from '../kernel/event.ts';

/**
 * Sends every event as soon as the one before it of its subject is confirmed. Where a broker may refuse one and take
 * the next, consumers would otherwise see a later event of a subject before an earlier one, and drop that as a
 * repeat.
 *
 * @throws the first failure, when nothing is under way any more
 */
export async function sendInOrder<Event extends Pick<PublishedEvent, 'subject'>>(
  events: readonly Event[],
  send: (event: Event) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  const lanes = new Map<string, Promise<void>>();

  async function follow(previous: Promise<void> | undefined, event: Event): Promise<void> {
    if (previous !== undefined) await previous;
    if (failures.length > 0) return;
    try {
      await send(event);
    } catch (error) {
      failures.push(error);
    }
  }

  const all = events.map((event) => {
    const { subject } = event;
    const sent = follow(subject === undefined ? undefined : lanes.get(subject), event);
    if (subject !== undefined) lanes.set(subject, sent);
    return sent;
  });
  await Promise.all(all);
  if (failures.length > 0) throw failures[0];
}

/** What a broker takes in one request. */
export interface BatchLimits {
  readonly count: number;
  readonly bytes: number;
  /** The broker may refuse some messages of a request and take others. */
  readonly isPartial: boolean;
}

/** A message and what the batches need to know of it. */
export interface Sized {
  readonly event: PublishedEvent;
  readonly bytes: number;
}

/** Cuts messages into batches, in order. Where part of one may fail, no two in it are of the same subject. */
export function batchesOf<Message extends Sized>(
  messages: readonly Message[],
  limits: BatchLimits,
): Message[][] {
  const batches: Message[][] = [];
  let batch: Message[] = [];
  let bytes = 0;
  let subjects = new Set<string>();
  for (const message of messages) {
    const { subject } = message.event;
    const isRepeated = limits.isPartial && subject !== undefined && subjects.has(subject);
    const isFull = batch.length === limits.count || bytes + message.bytes > limits.bytes;
    if (batch.length === 0 || isFull || isRepeated) {
      batch = [];
      bytes = 0;
      subjects = new Set();
      batches.push(batch);
    }
    batch.push(message);
    bytes += message.bytes;
    if (subject !== undefined) subjects.add(subject);
  }
  return batches;
}
