// https://www.rabbitmq.com/docs/publishers
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import { describeError } from '../kernel/describe-error.ts';
import { UnpublishableError } from '../kernel/errors.ts';
import type { PublishedEvent } from '../kernel/event.ts';
import type { Publisher } from '../kernel/ports.ts';
import { brokerCloudEvents, DATA_CONTENT_TYPE } from './cloud-event.ts';
import { holdClient } from './held-client.ts';
import { sendInOrder } from './in-order.ts';

interface MessageProperties {
  readonly persistent: boolean;
  readonly contentType: string;
  readonly headers: Record<string, string>;
  readonly messageId?: string;
  readonly type?: string;
}

/** What is used of a channel of amqplib. */
export interface RabbitChannel {
  assertExchange(
    exchange: string,
    type: string,
    options: { durable: boolean; alternateExchange?: string },
  ): PromiseLike<unknown>;
  assertQueue(queue: string, options: { durable: boolean; maxLength: number }): PromiseLike<unknown>;
  bindQueue(queue: string, exchange: string, pattern: string): PromiseLike<unknown>;
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    properties: MessageProperties,
    onConfirmed: (error: unknown) => void,
  ): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a connection of amqplib. */
export interface RabbitConnection {
  createConfirmChannel(): PromiseLike<RabbitChannel>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): PromiseLike<unknown>;
}

export interface RabbitMqOptions extends CloudEventsOptions {
  /** Called when there is no connection, or none any more. */
  readonly connect: () => PromiseLike<RabbitConnection>;
  /** A durable topic exchange; the routing key is the event type. */
  readonly exchange?: string | undefined;
  /** What the server takes at most (`max_message_size`). */
  readonly maxMessageBytes?: number | undefined;
}

/**
 * Publishes persistent messages to a topic exchange and waits for the confirms: queues bound to `order.*` get what
 * they ask for. The message is the data; the CloudEvents attributes are headers `cloudEvents:…`.
 *
 * What no queue is bound for goes to the queue `<exchange>.unroutable`, which keeps the newest 100 000, so that an
 * event that was published before its consumer was there is not gone.
 *
 * Messages may repeat; `cloudEvents:position` only grows within a subject but for those. One without it was replayed
 * by hand.
 */
export function createRabbitMqPublisher(options: RabbitMqOptions): Publisher {
  const { connect, exchange = 'events', maxMessageBytes = 16 * 1024 * 1024 } = options;
  const cloudEvents = brokerCloudEvents(options);

  const held = holdClient({
    connect,
    async prepare(connection) {
      // Told by what fails; without a listener it would end the process.
      connection.on('error', () => undefined);
      const channel = await connection.createConfirmChannel();
      let reason: Error | undefined;
      channel.on('error', (error) => (reason = error));
      await declare(channel, exchange);
      return { channel, reason: () => reason };
    },
    end: (connection) => connection.close(),
  });

  function messageOf(event: PublishedEvent) {
    const { attributes, data } = cloudEvents.binary(event);
    const content = Buffer.from(data);
    if (content.length > maxMessageBytes) {
      throw new UnpublishableError(
        event.eventId,
        `${content.length} bytes, RabbitMQ takes ${maxMessageBytes}`,
      );
    }
    const headers = Object.fromEntries(attributes.map(([name, value]) => [`cloudEvents:${name}`, value]));
    return { subject: event.subject, event, content, headers };
  }

  return {
    name: 'rabbitmq',

    async publish(events): Promise<void> {
      const messages = events.map(messageOf);
      await held.use(async ({ channel, reason }) => {
        try {
          await sendInOrder(messages, ({ event, content, headers }) => {
            const properties = { persistent: true, contentType: DATA_CONTENT_TYPE, headers, ...named(event) };
            return new Promise<void>((resolve, reject) => {
              channel.publish(exchange, event.eventType, content, properties, (error) =>
                error == null ? resolve() : reject(error),
              );
            });
          });
        } catch (error) {
          // The channel knows why it was closed; those who wait for a confirm are only told that it was.
          const cause = reason() ?? error;
          const bytes = /message size (\d+) is larger/.exec(describeError(cause))?.[1];
          const culprit = messages.find(({ content }) => String(content.length) === bytes);
          throw culprit === undefined
            ? cause
            : new UnpublishableError(culprit.event.eventId, describeError(cause));
        }
      });
    },

    close: () => held.close(),
  };
}

async function declare(channel: RabbitChannel, exchange: string): Promise<void> {
  const unroutable = `${exchange}.unroutable`;
  await channel.assertExchange(unroutable, 'fanout', { durable: true });
  await channel.assertQueue(unroutable, { durable: true, maxLength: 100_000 });
  await channel.bindQueue(unroutable, unroutable, '');
  await channel.assertExchange(exchange, 'topic', { durable: true, alternateExchange: unroutable });
}

/** Properties of AMQP that people look at. They are short strings; a longer id is found in the headers. */
function named(event: PublishedEvent): { readonly messageId?: string; readonly type?: string } {
  return {
    ...(Buffer.byteLength(event.eventId) < 256 && { messageId: event.eventId }),
    ...(Buffer.byteLength(event.eventType) < 256 && { type: event.eventType }),
  };
}
