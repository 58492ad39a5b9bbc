// https://docs.nats.io/nats-concepts/jetstream
import { attributeHeader } from '../kernel/cloudevents.ts';
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import { UnpublishableError } from '../kernel/errors.ts';
import type { PublishedEvent } from '../kernel/event.ts';
import type { Publisher } from '../kernel/ports.ts';
import { brokerCloudEvents, DATA_CONTENT_TYPE } from './cloud-event.ts';
import { holdClient } from './held-client.ts';
import { sendInOrder } from './in-order.ts';

const CONFIRM_TIMEOUT_MS = 10_000;
/** For how long JetStream drops what it has by message id. */
const DUPLICATE_WINDOW_NS = 120 * 1_000_000_000;

export interface NatsHeaders {
  set(name: string, value: string): void;
}

/** What is used of a connection of `@nats-io/transport-node`, or of the package `nats`. */
export interface NatsConnection<Headers extends NatsHeaders> {
  readonly info?: { readonly max_payload: number } | undefined;
  request(
    subject: string,
    payload: Uint8Array,
    options: { timeout: number; headers?: Headers },
  ): Promise<{ readonly data: Uint8Array }>;
  close(): Promise<void>;
}

export interface NatsJetStreamOptions<Headers extends NatsHeaders> extends CloudEventsOptions {
  /** Called when there is no connection, or none any more; it must not connect again by itself. */
  readonly connect: () => Promise<NatsConnection<Headers>>;
  /** The function of that name of the client's package. */
  readonly headers: () => Headers;
  /**
   * The stream, and the first token of its subjects: an event goes to `events.order.created`. One that is not there is
   * made, with one replica, in files, without a limit.
   */
  readonly stream?: string | undefined;
}

/**
 * Publishes to one stream and waits for its confirms. The message is the data; the CloudEvents attributes are headers
 * `ce-…`. JetStream drops repeats of the last two minutes by `Nats-Msg-Id`, the event id and the version; what repeats
 * later is told by `ce-position`, which only grows within a subject. One without it was replayed by hand.
 */
export function createNatsJetStreamPublisher<Headers extends NatsHeaders>(
  options: NatsJetStreamOptions<Headers>,
): Publisher {
  const { connect, stream = 'events' } = options;
  const cloudEvents = brokerCloudEvents(options);

  const held = holdClient({
    connect,
    async prepare(connection) {
      await makeStream(connection, stream);
      return connection;
    },
    end: (connection) => connection.close(),
  });

  function messageOf(event: PublishedEvent): NatsMessage<Headers> {
    const { attributes, data } = cloudEvents.binary(event);
    const payload = Buffer.from(data);
    const headers = options.headers();
    let bytes = payload.length + HEADERS_FRAME_BYTES;
    const set = (name: string, value: string): void => {
      headers.set(name, value);
      bytes += name.length + value.length + HEADER_FRAME_BYTES;
    };
    set('Nats-Msg-Id', attributeHeader(`${event.eventId}:${event.version}`));
    set('content-type', DATA_CONTENT_TYPE);
    for (const [name, value] of attributes) set(`ce-${name}`, attributeHeader(value));
    return { subject: event.subject, event, payload, headers, bytes };
  }

  return {
    name: 'nats-jetstream',

    async publish(events): Promise<void> {
      const messages = events.map(messageOf);
      await held.use(async (connection) => {
        const maxBytes = connection.info === undefined ? Infinity : connection.info.max_payload;
        const tooLarge = messages.find(({ bytes }) => bytes > maxBytes);
        if (tooLarge !== undefined) throw refusal(tooLarge.event, `${tooLarge.bytes} bytes of ${maxBytes}`);
        await sendInOrder(messages, async ({ event, payload, headers }) => {
          const place = `${stream}.${event.eventType}`;
          const answer = await ask(connection, place, payload, headers);
          if (answer.error === undefined) return;
          if (answer.error.err_code === MESSAGE_TOO_LARGE) throw refusal(event, answer.error.description);
          throw new Error(`JetStream refused ${place}: ${answer.error.description}`);
        });
      });
    },

    close: () => held.close(),
  };
}

interface NatsMessage<Headers> {
  readonly subject: string | undefined;
  readonly event: PublishedEvent;
  readonly payload: Uint8Array;
  readonly headers: Headers;
  readonly bytes: number;
}

interface Answer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description: string };
}

/** `NATS/1.0`, and the line ends around the headers. */
const HEADERS_FRAME_BYTES = 12;
/** `: ` and the end of the line. */
const HEADER_FRAME_BYTES = 4;
/** Of JetStream: longer than the stream's `max_msg_size`. */
const MESSAGE_TOO_LARGE = 10_054;

function refusal(event: PublishedEvent, reason: string): UnpublishableError {
  return new UnpublishableError(event.eventId, `too large for JetStream: ${reason}`);
}

/** JetStream is spoken to by requests; what it answers is JSON. */
async function ask<Headers extends NatsHeaders>(
  connection: NatsConnection<Headers>,
  subject: string,
  payload: Uint8Array,
  headers?: Headers,
): Promise<Answer> {
  const timeout = CONFIRM_TIMEOUT_MS;
  const options = headers === undefined ? { timeout } : { timeout, headers };
  const { data } = await connection.request(subject, payload, options);
  return JSON.parse(Buffer.from(data).toString()) as Answer;
}

async function makeStream<Headers extends NatsHeaders>(
  connection: NatsConnection<Headers>,
  stream: string,
): Promise<void> {
  const found = await ask(connection, `$JS.API.STREAM.INFO.${stream}`, Buffer.alloc(0));
  if (found.error === undefined) return;
  if (found.error.code !== 404) throw new Error(`JetStream: ${found.error.description}`);
  const settings = {
    name: stream,
    subjects: [`${stream}.>`],
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    num_replicas: 1,
    duplicate_window: DUPLICATE_WINDOW_NS,
  };
  const made = await ask(
    connection,
    `$JS.API.STREAM.CREATE.${stream}`,
    Buffer.from(JSON.stringify(settings)),
  );
  if (made.error !== undefined) throw new Error(`the stream "${stream}": ${made.error.description}`);
}
