// https://kafka.js.org/docs/producing
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import { UnpublishableError } from '../kernel/errors.ts';
import type { PublishedEvent } from '../kernel/event.ts';
import type { Publisher } from '../kernel/ports.ts';
import { brokerCloudEvents, DATA_CONTENT_TYPE } from './cloud-event.ts';
import { holdClient } from './held-client.ts';
import { batchesOf } from './in-order.ts';

interface KafkaMessage {
  key: string | null;
  value: string;
  headers: Record<string, string>;
}

/** What is used of a producer of kafkajs. */
export interface KafkaProducer {
  connect(): Promise<void>;
  send(record: { topic: string; acks: number; messages: KafkaMessage[] }): Promise<unknown>;
  disconnect(): Promise<void>;
}

export interface KafkaOptions extends CloudEventsOptions {
  /**
   * Makes an idempotent producer with one request in flight. Called again after a failure: a producer that gave a
   * batch up would send the next one under the same sequence numbers, and the broker take it for the one it has.
   */
  readonly createProducer: () => KafkaProducer;
  readonly topic?: string | undefined;
  /** What the topic takes in one batch (`max.message.bytes`), less some room for the frame. */
  readonly maxBatchBytes?: number | undefined;
}

/**
 * Publishes to one topic and waits for all in-sync replicas. The key is the subject, so all events of one are in one
 * partition, in the order of the log; those without a subject go anywhere. The value is the data; the CloudEvents
 * attributes are headers `ce_…`.
 *
 * Within a partition a batch is taken whole or not at all. Messages may repeat after an outage; `ce_position` tells:
 * it only grows within a subject but for those. One without it was replayed by hand.
 */
export function createKafkaPublisher(options: KafkaOptions): Publisher {
  const { createProducer, topic = 'events', maxBatchBytes = 1_000_000 } = options;
  const cloudEvents = brokerCloudEvents(options);
  const limits = { count: Number.POSITIVE_INFINITY, bytes: maxBatchBytes, isPartial: false };

  const held = holdClient({
    connect: createProducer,
    async prepare(producer) {
      await producer.connect();
      return producer;
    },
    end: (producer) => producer.disconnect(),
  });

  function messageOf(event: PublishedEvent): SizedMessage {
    const { attributes, data } = cloudEvents.binary(event);
    const headers = Object.fromEntries(attributes.map(([name, value]) => [`ce_${name}`, value]));
    headers['content-type'] = DATA_CONTENT_TYPE;
    const bytes = Buffer.byteLength(data) + Buffer.byteLength(JSON.stringify(headers));
    if (bytes > maxBatchBytes) {
      throw new UnpublishableError(event.eventId, `${bytes} bytes, the topic takes ${maxBatchBytes}`);
    }
    return { event, bytes, message: { key: event.subject ?? null, value: data, headers } };
  }

  /** A topic that takes less than it was said to is given halves. */
  async function send(producer: KafkaProducer, batch: readonly SizedMessage[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    try {
      await producer.send({ topic, acks: -1, messages: batch.map(({ message }) => message) });
    } catch (error) {
      if (isTooLarge(error) === false) throw error;
      if (batch.length === 1) throw new UnpublishableError(first.event.eventId, 'the topic takes less');
      const middle = Math.ceil(batch.length / 2);
      await send(producer, batch.slice(0, middle));
      await send(producer, batch.slice(middle));
    }
  }

  return {
    name: 'kafka',

    async publish(events): Promise<void> {
      const batches = batchesOf(events.map(messageOf), limits);
      await held.use(async (producer) => {
        for (const batch of batches) await send(producer, batch);
      });
    },

    close: () => held.close(),
  };
}

interface SizedMessage {
  readonly event: PublishedEvent;
  readonly bytes: number;
  readonly message: KafkaMessage;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'MESSAGE_TOO_LARGE';
}
