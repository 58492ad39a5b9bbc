import type { SetupPart } from '../generate/setup-part.ts';

/** A file in this folder that implements the kernel's `Publisher`. */
export interface BrokerBinding {
  /** As `broker` in evtgen.config.json names it. One that can be bound by several clients is listed once for each. */
  readonly id: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
  /** What the first of the packages needs beside it; older majors brought it. */
  readonly peers?: { readonly since: number; readonly packages: readonly string[] } | undefined;
  readonly setup: SetupPart;
}

const ioredis: SetupPart = {
  imports: [`{ Redis } from 'ioredis'`],
  statements: `\
// Nothing connects before there is something to publish: a bundler loads this file many times.
const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', { lazyConnect: true });

// While Redis is away events wait in the database, and it connects again by itself.
redis.on('error', (error) => console.error('redis connection failed:', error.message));`,
};

const nodeRedis: SetupPart = {
  imports: [`{ createClient } from 'redis'`, `{ nodeRedis } from '#events/brokers/redis-client.ts'`],
  statements: `\
const redis = createClient({
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  // While Redis is away events wait in the database, not in memory; it connects again by itself.
  disableOfflineQueue: true,
});
redis.on('error', (error: Error) => console.error('redis connection failed:', error.message));`,
};

function publisher(client: Omit<SetupPart, 'settings'>, imported: string, made: string): SetupPart {
  return {
    ...client,
    imports: [...client.imports, imported],
    settings: `publishers: [${made}],`,
  };
}

const redisStreamsImport = `{ createRedisStreamsPublisher } from '#events/brokers/redis-streams.ts'`;
const redisPubSubImport = `{ createRedisPubSubPublisher } from '#events/brokers/redis-pub-sub.ts'`;

export const brokers: readonly BrokerBinding[] = [
  {
    id: 'redis-streams',
    packages: ['ioredis'],
    setup: publisher(ioredis, redisStreamsImport, 'createRedisStreamsPublisher({ redis })'),
  },
  {
    id: 'redis-streams',
    packages: ['redis'],
    setup: publisher(
      nodeRedis,
      redisStreamsImport,
      'createRedisStreamsPublisher({ redis: nodeRedis(redis) })',
    ),
  },
  {
    id: 'redis-pub-sub',
    packages: ['ioredis'],
    setup: publisher(ioredis, redisPubSubImport, 'createRedisPubSubPublisher({ redis })'),
  },
  {
    id: 'redis-pub-sub',
    packages: ['redis'],
    setup: publisher(nodeRedis, redisPubSubImport, 'createRedisPubSubPublisher({ redis: nodeRedis(redis) })'),
  },
  {
    id: 'rabbitmq',
    packages: ['amqplib'],
    setup: publisher(
      {
        imports: [`{ connect } from 'amqplib'`],
        statements: `\
const rabbitMqUrl = process.env['RABBITMQ_URL'] ?? 'amqp://127.0.0.1:5672?heartbeat=10';`,
      },
      `{ createRabbitMqPublisher } from '#events/brokers/rabbitmq.ts'`,
      'createRabbitMqPublisher({ connect: () => connect(rabbitMqUrl) })',
    ),
  },
  {
    // Of the clients in plain JavaScript it is the one that runs on every Node that evtgen runs on; those that bind
    // librdkafka compile or download at install.
    id: 'kafka',
    packages: ['kafkajs'],
    setup: publisher(
      {
        imports: [`{ Kafka, Partitioners } from 'kafkajs'`],
        statements: `\
const kafka = new Kafka({
  clientId: 'events',
  brokers: (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','),
});
const createProducer = () =>
  kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    // The same partitions as producers in Java would choose.
    createPartitioner: Partitioners.DefaultPartitioner,
    // While Kafka is away events wait in the database, and the whole batch comes again.
    retry: { retries: 5 },
  });`,
      },
      `{ createKafkaPublisher } from '#events/brokers/kafka.ts'`,
      'createKafkaPublisher({ createProducer })',
    ),
  },
  {
    id: 'sqs',
    packages: ['@aws-sdk/client-sqs'],
    setup: publisher(
      { imports: [`{ SQS } from '@aws-sdk/client-sqs'`] },
      `{ createSqsPublisher } from '#events/brokers/sqs.ts'`,
      `createSqsPublisher({ sqs: new SQS(), queueUrl: process.env['SQS_QUEUE_URL'] })`,
    ),
  },
  {
    id: 'sns',
    packages: ['@aws-sdk/client-sns'],
    setup: publisher(
      { imports: [`{ SNS } from '@aws-sdk/client-sns'`] },
      `{ createSnsPublisher } from '#events/brokers/sns.ts'`,
      `createSnsPublisher({ sns: new SNS(), topicArn: process.env['SNS_TOPIC_ARN'] })`,
    ),
  },
  {
    id: 'nats-jetstream',
    packages: ['@nats-io/transport-node'],
    setup: publisher(
      {
        imports: [`{ connect, headers } from '@nats-io/transport-node'`],
        statements: `\
const natsUrl = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';`,
      },
      `{ createNatsJetStreamPublisher } from '#events/brokers/nats-jetstream.ts'`,
      `\
createNatsJetStreamPublisher({ connect: () => connect({ servers: natsUrl, reconnect: false }), headers })`,
    ),
  },
  {
    id: 'bullmq',
    packages: ['bullmq'],
    peers: { since: 6, packages: ['ioredis'] },
    setup: publisher(
      {
        imports: [`{ Queue } from 'bullmq'`],
        statements: `\
const createQueue = (): Queue => {
  const queue = new Queue('events', {
    connection: {
      url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
      // While Redis is away events wait in the database, not in memory.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
    },
    // A job that is kept is not added twice.
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: { age: 24 * 3_600, count: 100_000 },
    },
  });
  return queue.on('error', (error) => console.error('redis connection failed:', error.message));
};`,
      },
      `{ createBullMqPublisher } from '#events/brokers/bullmq.ts'`,
      'createBullMqPublisher({ createQueue })',
    ),
  },
];

export const brokerIds: readonly string[] = [...new Set(brokers.map(({ id }) => id))];

/** The binding of a broker by a client that the project has, else by the first one. */
export function brokerBinding(
  id: string | null | undefined,
  dependencies: ReadonlyMap<string, string>,
): BrokerBinding | undefined {
  const bindings = brokers.filter((binding) => binding.id === id);
  return bindings.find(({ packages }) => packages.every((name) => dependencies.has(name))) ?? bindings[0];
}
