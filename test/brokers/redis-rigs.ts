import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { createBullMqPublisher } from '../../src/brokers/bullmq.ts';
import { nodeRedis } from '../../src/brokers/redis-client.ts';
import { createRedisPubSubPublisher } from '../../src/brokers/redis-pub-sub.ts';
import { createRedisStreamsPublisher } from '../../src/brokers/redis-streams.ts';
import { attributesIn, parseStructured, type BrokerRig, type Received } from './rig.ts';

const run = promisify(execFile);

function ioredis(url: string): Redis {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 100, maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  return client;
}

function nodeRedisClient(url: string) {
  const socket = { reconnectStrategy: 100 };
  const client = createClient({ url, disableOfflineQueue: true, socket });
  client.on('error', () => undefined);
  return client;
}

/** What `redis-cli` shows of a stream. */
async function readStream(url: string, stream: string): Promise<Received[]> {
  const args = ['-u', url, '-3', '--json', 'XRANGE', stream, '-', '+'];
  const { stdout } = await run('redis-cli', args, { maxBuffer: 1 << 30 });
  const entries = JSON.parse(stdout) as [id: string, fields: string[]][];
  return entries.map(([, fields]) => {
    const pairs = fields.flatMap((name, index) =>
      index % 2 === 0 ? [[name, fields[index + 1] ?? ''] as const] : [],
    );
    const event = pairs.find(([name]) => name === 'event')?.[1] ?? '{}';
    return { attributes: attributesIn(pairs, 'ce_'), data: (JSON.parse(event) as { data: unknown }).data };
  });
}

const streams = (id: string, client: (url: string) => ReturnType<typeof nodeRedis>): BrokerRig => ({
  id,
  server: 'redis',
  async open(url) {
    const stream = `events-${randomUUID()}`;
    return {
      publisher: (at = url) => createRedisStreamsPublisher({ redis: client(at), stream }),
      received: () => readStream(url, stream),
      close: () => Promise.resolve(),
    };
  },
});

const pubSub = (id: string, client: (url: string) => ReturnType<typeof nodeRedis>): BrokerRig => ({
  id,
  server: 'redis',
  forgets: true,
  async open(url) {
    const channelPrefix = `events-${randomUUID()}:`;
    const seen: Received[] = [];
    const subscriber = createClient({ url, socket: { reconnectStrategy: 20 } });
    subscriber.on('error', () => undefined);
    await subscriber.connect();
    await subscriber.pSubscribe(`${channelPrefix}*`, (message) => void seen.push(parseStructured(message)));
    return {
      publisher: (at = url) => createRedisPubSubPublisher({ redis: client(at), channelPrefix }),
      received: () => Promise.resolve([...seen]),
      close: () => Promise.resolve(subscriber.destroy()),
    };
  },
});

const bullmq: BrokerRig = {
  id: 'bullmq',
  server: 'redis',
  async open(url) {
    const name = `events-${randomUUID()}`;
    const queueAt = (at: string) => {
      const connection = { url: at, enableOfflineQueue: false, maxRetriesPerRequest: 1 };
      const queue = new Queue(name, { connection });
      queue.on('error', () => undefined);
      return queue;
    };
    return {
      publisher: (at = url) => createBullMqPublisher({ createQueue: () => queueAt(at) }),
      async received() {
        const queue = queueAt(url);
        const jobs = await queue.getWaiting();
        await queue.close();
        return jobs.map(({ data }) => parseStructured(JSON.stringify(data)));
      },
      close: () => Promise.resolve(),
    };
  },
};

export const redisRigs: readonly BrokerRig[] = [
  streams('redis-streams with ioredis', ioredis),
  streams('redis-streams with redis', (url) => nodeRedis(nodeRedisClient(url))),
  pubSub('redis-pub-sub with ioredis', ioredis),
  pubSub('redis-pub-sub with redis', (url) => nodeRedis(nodeRedisClient(url))),
  bullmq,
];
