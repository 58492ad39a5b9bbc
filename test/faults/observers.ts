import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
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
export async function readStream(redisUrl: string, stream: string): Promise<ObservedEvent[]> {
  const redis = new Redis(redisUrl);
  const entries = await redis.xrange(stream, '-', '+');
  await redis.del(stream);
  redis.disconnect();
  return entries.map(([, fields]) => observedFrom(fields[fields.indexOf('event') + 1] ?? ''));
}

function observedFrom(text: string): ObservedEvent {
  const { eventId, eventType, subject, position = 0 } = JSON.parse(text) as Envelope;
  return { eventId, eventType, subject, position };
}
