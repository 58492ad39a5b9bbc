import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { Redis } from 'ioredis';
import type { EventStream } from '../../src/kernel/stream.ts';
import type { Received } from '../brokers/rig.ts';
import type { ObservedEvent } from './judge.ts';

interface Envelope {
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string;
  readonly position?: number;
}

/** A webhook endpoint that writes down everything it acknowledges. */
export interface Receiver {
  readonly url: string;
  readonly observed: readonly ObservedEvent[];
  /** Refuses for good no more. */
  relent(): void;
  close(): Promise<void>;
}

/** How a receiver makes work for retries; shares from 0 to 1. */
export interface ReceiverTrouble {
  /** Of the requests, refused. */
  readonly refused: number;
  /** Of the events, refused until it relents. */
  readonly stubborn: number;
  /** Of the events, acknowledged only after `slowMs`. */
  readonly slow: number;
  readonly slowMs: number;
}

/** Answers with 204, but for the trouble it makes. */
export async function startReceiver(random: () => number, trouble: ReceiverTrouble): Promise<Receiver> {
  const { refused, stubborn, slow, slowMs } = trouble;
  const observed: ObservedEvent[] = [];
  const moods = new Map<string, number>();
  let hasRelented = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = observedFrom(Buffer.concat(chunks).toString('utf8'));
    const mood = moods.get(event.eventId) ?? random();
    moods.set(event.eventId, mood);
    const isRefused = random() < refused || mood < stubborn;
    if (isRefused && hasRelented === false) return void response.writeHead(503).end();
    if (mood > 1 - slow) await sleep(slowMs);
    observed.push(event);
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    observed,
    relent: () => void (hasRelented = true),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Everything that a Redis stream holds, in its order. */
export async function readStream(
  redisUrl: string,
  stream: string,
  read: (text: string) => ObservedEvent = observedFrom,
): Promise<ObservedEvent[]> {
  const redis = new Redis(redisUrl);
  const entries = await redis.xrange(stream, '-', '+');
  await redis.del(stream);
  redis.disconnect();
  return entries.map(([, fields]) => read(fields[fields.indexOf('event') + 1] ?? ''));
}

/** What a consumer knows by the attributes of CloudEvents alone. */
export function observedBy({ attributes }: Received): ObservedEvent {
  const { id = '', type = '', subject = '', position } = attributes;
  return { eventId: id, eventType: type, subject, position: Number(position) };
}

/** How many entries a Redis stream has. */
export async function lengthOf(redisUrl: string, stream: string): Promise<number> {
  const redis = new Redis(redisUrl);
  const length = await redis.xlen(stream);
  redis.disconnect();
  return length;
}

/** A client of the event stream that writes down what it is sent, text and all. */
export interface StreamFollower<Event> {
  readonly observed: readonly Event[];
  readonly ended: Promise<void>;
}

/** Follows from the head on; listening when it resolves. */
export async function followStream<Envelope, Event>(
  stream: Pick<EventStream, 'handle'>,
  read: (envelope: Envelope, text: string) => Event,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamFollower<Event>> {
  const response = await stream.handle(new Request('http://localhost/events/stream', { headers }));
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const observed: Event[] = [];
  const parser = createParser({
    onEvent: ({ data }) => void observed.push(read(JSON.parse(data) as Envelope, data)),
  });
  const decoder = new TextDecoder();
  let text = '';
  const next = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (done) return false;
    text = decoder.decode(value, { stream: true });
    parser.feed(text);
    return true;
  };
  // Its cursor comes first: from there on it misses nothing.
  do await next();
  while (text.includes('id:') === false);
  const follow = async (): Promise<void> => {
    while (await next());
  };
  return { observed, ended: follow() };
}

function observedFrom(text: string): ObservedEvent {
  const { eventId, eventType, subject, position = 0 } = JSON.parse(text) as Envelope;
  return { eventId, eventType, subject, position };
}
