// A server of one kind for sse.mjs, which starts it: node --expose-gc sse-server.mjs KIND
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate as turn, setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { processorTime } from './support/measure.mjs';

const [kind] = process.argv.slice(2);
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const DATA = { id: 'ord_01J8ZQ4T7R', total: 4200, note: 'x'.repeat(80) };

/** The envelope as the log has it: about 300 bytes on the wire with id and event. */
const envelope = (position) =>
  JSON.stringify({
    eventId: `0192f0a0-0000-7000-8000-${String(position).padStart(12, '0')}`,
    eventType: 'order.created',
    version: 1,
    timestamp: '2026-01-02T03:04:05.000Z',
    source: '/orders-api',
    data: DATA,
  });

/** Each kind: a listener, and `send` for one event to all its connections. */
const kinds = {
  'response.write'() {
    const responses = new Set();
    return {
      listener(request, response) {
        response.writeHead(200, HEADERS);
        response.write(':\n\n');
        responses.add(response);
        request.once('close', () => responses.delete(response));
      },
      send(position) {
        const block = `id: ${position}\nevent: order.created\ndata: ${envelope(position)}\n\n`;
        for (const response of responses) response.write(block);
      },
    };
  },

  async 'better-sse'() {
    const path = createRequire(new URL('./peers/package.json', import.meta.url)).resolve('better-sse');
    const loaded = await import(pathToFileURL(path));
    const { createChannel, createSession } = loaded.default ?? loaded;
    const channel = createChannel();
    return {
      async listener(request, response) {
        const session = await createSession(request, response, { keepAlive: null });
        response.write(':\n\n');
        channel.register(session);
      },
      send: (position) =>
        channel.broadcast(JSON.parse(envelope(position)), 'order.created', { eventId: String(position) }),
    };
  },

  async evtgen() {
    const { createEventStream } = await import('../../dist/kernel/stream.js');
    const { createSignal } = await import('../../dist/kernel/signal.js');
    const events = [];
    const logSignal = createSignal();
    const log = {
      read: (after, limit) => Promise.resolve(events.slice(after, after + limit)),
      head: () => Promise.resolve(events.length),
      oldest: () => Promise.resolve(1),
    };
    const stream = createEventStream({ store: { log }, logSignal, authorize: () => ({}) });
    return {
      listener: stream.listener,
      send(position) {
        const parts = {
          eventType: 'order.created',
          version: 1,
          audience: 'public',
          timestamp: '',
          eventId: '',
        };
        events.push({ ...parts, position, subject: undefined, tenant: undefined, body: envelope(position) });
        logSignal.notify();
      },
    };
  },
};

const { listener, send } = await kinds[kind]();
const server = createServer(listener);
server.listen({ port: 0, host: '127.0.0.1', backlog: 8192 }, () =>
  process.send({ port: server.address().port }),
);

let position = 0;
const commands = {
  /** Twice, because finalizers run in between. */
  async memory() {
    for (let done = 0; done < 2; done += 1) {
      globalThis.gc();
      await setTimeout(20);
    }
    return { bytes: process.memoryUsage().rss };
  },

  /** One event, long enough after the one before not to be joined with it. */
  async single() {
    await setTimeout(10);
    return measured(() => {
      send((position += 1));
      return turn();
    });
  },

  /** As fast as they come, each in its own turn of the event loop. */
  async burst(count) {
    return measured(async () => {
      for (let done = 0; done < count; done += 1) {
        send((position += 1));
        await turn();
      }
    });
  },

  processor: () => ({ processorUs: processorTime() - processorAt }),
};

let processorAt = 0;
async function measured(run) {
  processorAt = processorTime();
  const startedNs = String(process.hrtime.bigint());
  await run();
  return { startedNs };
}

process.on('message', async ({ command, count }) => process.send(await commands[command](count)));
process.once('disconnect', () => process.exit());
