import { Redis } from 'ioredis';
import { pool } from '../db/pool.js';
import { withFailingBroker, withFailingCommits, withFailingStore } from '../failpoints.js';
import { createKafkaPublisher } from './brokers/kafka.js';
import { createRabbitMqPublisher } from './brokers/rabbitmq.js';
import { createRedisStreamsPublisher } from './brokers/redis-streams.js';
import { createEvents } from './create-events.js';
import type { Publisher } from './kernel/ports.js';
import { pgSql } from './stores/pg.js';

/** Of the stream, the exchange and the topic, which are the test's own. */
const place = process.env['EVENTS_PLACE'] ?? '';
const redis = new Redis(process.env['REDIS_URL'] ?? '');
// It connects again by itself.
redis.on('error', () => undefined);
withFailingCommits(pool, async (body) => void (await redis.xadd(place, '*', 'event', body)));

/** As `generate` sets them up; those that the environment names. The clients of the others need not be loaded. */
async function openPublishers(): Promise<Publisher[]> {
  const { RABBITMQ_URL: rabbitMqUrl, KAFKA_BROKERS: kafkaBrokers } = process.env;
  const all: Publisher[] = [createRedisStreamsPublisher({ redis, stream: place })];
  if (rabbitMqUrl !== undefined) {
    const { connect } = await import('amqplib');
    all.push(createRabbitMqPublisher({ connect: () => connect(rabbitMqUrl), exchange: place }));
  }
  if (kafkaBrokers !== undefined) {
    const { Kafka, logLevel, Partitioners } = await import('kafkajs');
    const kafka = new Kafka({ clientId: 'events', brokers: [kafkaBrokers], logLevel: logLevel.NOTHING });
    const createProducer = () =>
      kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { retries: 5 },
      });
    all.push(createKafkaPublisher({ createProducer, topic: place }));
  }
  return all;
}

/** The settings of the fault tests in place of those that a team would write. */
export const events = createEvents({
  sql: withFailingStore(pgSql(pool)),
  source: '/orders-api',
  publishers: (await openPublishers()).map(withFailingBroker),
  allowHosts: ['127.0.0.1'],
  retryScheduleMs: [50, 100, 200, 400, 800],
  // Nobody is switched off: the trouble is ours.
  deactivateAfter: { failures: 1_000_000, unit: 'delivery' },
});
