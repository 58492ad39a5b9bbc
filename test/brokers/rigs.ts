import { randomUUID } from 'node:crypto';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { connect, headers } from '@nats-io/transport-node';
import { connect as connectRabbit } from 'amqplib';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { connect as connectNats2, type ConsumerMessages } from 'nats';
import { createKafkaPublisher } from '../../src/brokers/kafka.ts';
import { createNatsJetStreamPublisher } from '../../src/brokers/nats-jetstream.ts';
import { createRabbitMqPublisher } from '../../src/brokers/rabbitmq.ts';
import { createSnsPublisher } from '../../src/brokers/sns.ts';
import { createSqsPublisher } from '../../src/brokers/sqs.ts';
import { readQueue, readTopic } from './consumers.ts';
import { redisRigs } from './redis-rigs.ts';
import { attributesIn, parseStructured, type BrokerRig, type Received } from './rig.ts';

const rabbitmq: BrokerRig = {
  id: 'rabbitmq',
  server: 'rabbitmq',
  tooLarge: 17 * 1024 * 1024,
  async open(url) {
    const exchange = `events-${randomUUID()}`;
    // Nothing is bound to the exchange, so all of it takes the way of what no queue is bound for.
    const queue = `${exchange}.unroutable`;
    return {
      publisher: (at = url) => createRabbitMqPublisher({ exchange, connect: () => connectRabbit(at) }),
      received: () => readQueue(url, queue),
      close: () => Promise.resolve(),
    };
  },
};

const kafka: BrokerRig = {
  id: 'kafka',
  server: 'kafka',
  tooLarge: 1_048_576,
  async open(url) {
    const topic = `events-${randomUUID()}`;
    return {
      publisher(at = url) {
        const client = new Kafka({ clientId: 'events', brokers: [at], logLevel: logLevel.NOTHING });
        const createProducer = () =>
          client.producer({
            idempotent: true,
            maxInFlightRequests: 1,
            createPartitioner: Partitioners.DefaultPartitioner,
            retry: { retries: 2 },
          });
        return createKafkaPublisher({ createProducer, topic });
      },
      received: () => readTopic(url, topic),
      close: () => Promise.resolve(),
    };
  },
};

const nats: BrokerRig = {
  id: 'nats-jetstream',
  server: 'nats',
  tooLarge: 1_048_576,
  async open(url) {
    const stream = `events-${randomUUID()}`;
    return {
      publisher: (at = url) =>
        createNatsJetStreamPublisher({
          stream,
          headers,
          connect: () => connect({ servers: at, reconnect: false }),
        }),
      /** By the older client, which shares no code with the one that publishes. */
      async received() {
        const connection = await connectNats2({ servers: url });
        const manager = await connection.jetstreamManager();
        const { state } = await manager.streams.info(stream);
        const consumer = await connection.jetstream().consumers.get(stream);
        const messages: ConsumerMessages | undefined =
          state.messages === 0 ? undefined : await consumer.consume();
        const seen: Received[] = [];
        for await (const message of messages ?? []) {
          const pairs = (message.headers?.keys() ?? []).map(
            (name) => [name, decodeURIComponent(message.headers?.get(name) ?? '')] as const,
          );
          seen.push({ attributes: attributesIn(pairs, 'ce-'), data: JSON.parse(message.string()) });
          if (seen.length === state.messages) break;
        }
        await connection.close();
        return seen;
      },
      close: () => Promise.resolve(),
    };
  },
};

const account = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

async function makeQueue(
  url: string,
  isFifo: boolean,
): Promise<{ queueUrl: string; drain(): Promise<Received[]> }> {
  const sqs = new SQS({ ...account, endpoint: url });
  const { QueueUrl = '' } = await sqs.createQueue({
    QueueName: `events-${randomUUID()}${isFifo ? '.fifo' : ''}`,
    Attributes: { ...(isFifo && { FifoQueue: 'true' }), MaximumMessageSize: '1048576' },
  });
  const seen: Received[] = [];
  return {
    queueUrl: QueueUrl,
    async drain() {
      for (;;) {
        const { Messages: messages = [] } = await sqs.receiveMessage({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
        });
        if (messages.length === 0) return [...seen];
        for (const { Body: body = '', MessageAttributes: attributes = {} } of messages) {
          const received = parseStructured(body);
          seen.push(received);
          if (attributes['ce_type']?.StringValue !== received.attributes['type'])
            throw new Error('no ce_type');
        }
        const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.deleteMessageBatch({ QueueUrl, Entries });
      }
    },
  };
}

const sqs = (id: string, isFifo: boolean): BrokerRig => ({
  id,
  server: 'aws',
  tooLarge: 1_048_576,
  async open(url) {
    const { queueUrl, drain } = await makeQueue(url, isFifo);
    return {
      publisher: (at = url) =>
        createSqsPublisher({
          sqs: new SQS({ ...account, endpoint: at, useQueueUrlAsEndpoint: false }),
          queueUrl,
        }),
      received: drain,
      close: () => Promise.resolve(),
    };
  },
});

const sns = (id: string, isFifo: boolean): BrokerRig => ({
  id,
  server: 'aws',
  tooLarge: 262_144,
  async open(url) {
    const { queueUrl, drain } = await makeQueue(url, isFifo);
    const admin = new SNS({ ...account, endpoint: url });
    const { TopicArn } = await admin.createTopic({
      Name: `events-${randomUUID()}${isFifo ? '.fifo' : ''}`,
      Attributes: isFifo ? { FifoTopic: 'true' } : {},
    });
    const name = queueUrl.split('/').at(-1);
    await admin.subscribe({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:us-east-1:123456789012:${name}`,
      Attributes: { RawMessageDelivery: 'true' },
    });
    return {
      publisher: (at = url) =>
        createSnsPublisher({ sns: new SNS({ ...account, endpoint: at }), topicArn: TopicArn }),
      received: drain,
      close: () => Promise.resolve(),
    };
  },
});

export const brokerRigs: readonly BrokerRig[] = [
  ...redisRigs,
  rabbitmq,
  kafka,
  nats,
  sqs('sqs, FIFO', true),
  sqs('sqs, standard', false),
  sns('sns, FIFO', true),
  sns('sns, standard', false),
];
