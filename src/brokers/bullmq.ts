// https://docs.bullmq.io/patterns/adding-bulks
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import type { Publisher } from '../kernel/ports.ts';
import { brokerCloudEvents } from './cloud-event.ts';

/** What is used of a `Queue` of BullMQ. */
export interface JobQueue {
  addBulk(jobs: { name: string; data: unknown; opts: { jobId: string } }[]): Promise<unknown>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface BullMqOptions extends CloudEventsOptions {
  /**
   * Called again after every failure: a queue whose first words with Redis were cut off fails for good. Its
   * `defaultJobOptions` say how often a job is tried and for how long it is kept.
   */
  readonly createQueue: () => JobQueue;
}

/**
 * Adds a job for every event, for workers of your own: its name is the event type, its data the event as a
 * CloudEvents document. The job's id is the event id and the version, so a repeat is no second job while the first is kept.
 *
 * Webhooks are not delivered through it: their retries belong to subscriptions, dead letters and health, which are in
 * the database with the events, and a Redis that loses its memory would lose deliveries.
 *
 * Jobs that fail and come again do so behind later ones: workers that need the order of a subject go by `position`.
 */
export function createBullMqPublisher(options: BullMqOptions): Publisher {
  const { createQueue } = options;
  const cloudEvents = brokerCloudEvents(options);
  let queue: JobQueue | undefined;

  return {
    name: 'bullmq',

    async publish(events): Promise<void> {
      if (events.length === 0) return;
      const jobs = events.map((event) => ({
        name: event.eventType,
        data: JSON.parse(cloudEvents.structured(event)) as unknown,
        opts: { jobId: jobIdOf(event.eventId, event.version) },
      }));
      queue ??= createQueue();
      const current = queue;
      try {
        // One transaction of Redis.
        await current.addBulk(jobs);
      } catch (error) {
        if (queue === current) queue = undefined;
        // Not waited for: a server that hangs never says goodbye.
        void endQueue(current);
        throw error;
      }
    },

    async close(): Promise<void> {
      // Jobs under way go out before it, and a batch that waits for Redis to be there fails.
      if (queue !== undefined) await endQueue(queue);
    },
  };
}

async function endQueue(queue: JobQueue): Promise<void> {
  try {
    await queue.close();
  } catch {
    // It says goodbye to Redis, which may be away.
    await queue.disconnect().catch(() => undefined);
  }
}

/** BullMQ takes no colon in an id, and an event id has no dot. */
function jobIdOf(eventId: string, version: number): string {
  return `${encodeURIComponent(eventId)}.v${version}`;
}
