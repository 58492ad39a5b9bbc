import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createParser } from 'eventsource-parser';
import { Redis } from 'ioredis';
import type { EventStream } from '../../src/kernel/stream.ts';
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
  close(): Promise<void>;
}

/** Answers with 204, but for the share of requests that it refuses. */
export async function startReceiver(random: () => number, refusedShare: number): Promise<Receiver> {
  const observed: ObservedEvent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (random() < refusedShare) return void response.writeHead(503).end();
    observed.push(observedFrom(Buffer.concat(chunks).toString('utf8')));
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    observed,
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
