import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { AMQPClient } from '@cloudamqp/amqp-client';
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
import { redisRigs } from './redis-rigs.ts';
import { attributesIn, parseStructured, type BrokerRig, type Received } from './rig.ts';

const run = promisify(execFile);

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
      async received() {
        const connection = await new AMQPClient(url).connect();
        const channel = await connection.channel();
        const { messageCount } = await channel.queueDeclare(queue, { passive: true });
        const seen: Received[] = [];
        while (seen.length < messageCount) {
          const message = await channel.basicGet(queue, { noAck: false });
          if (message === null) break;
          if (message.properties.deliveryMode !== 2) throw new Error('not persistent');
          const attributes = attributesIn(Object.entries(message.properties.headers ?? {}), 'cloudEvents:');
          seen.push({ attributes, data: JSON.parse(message.bodyString() ?? '') });
        }
        // Unacknowledged, so the queue takes them back.
        await connection.close();
        return seen;
      },
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
    const libraries = `${process.env['TMPDIR'] ?? tmpdir()}/evtgen-brokers/kafka-4.1.1/*`;
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
      /** By Kafka's own console consumer. */
      async received() {
        const properties = ['print.headers=true', 'print.key=true', 'headers.separator=\u0001'];
        const options =
          `-Dlog4j2.level=OFF -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp ${libraries}`.split(' ');
        const printed = properties.flatMap((property) => ['--property', property]);
        const consumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
        const place = `--bootstrap-server ${url} --topic ${topic} --from-beginning --timeout-ms 4000`;
        const args = [...options, consumer, ...place.split(' '), ...printed];
        const { stdout } = await run('java', args, { maxBuffer: 1 << 30 });
        const lines = stdout.split('\n').filter((line) => line !== '');
        return lines.map((line) => {
          const [printed = '', key = '', value = ''] = line.split('\t');
          const pairs = printed.split('\u0001').map((pair) => {
            const colon = pair.indexOf(':');
            return [pair.slice(0, colon), pair.slice(colon + 1)] as const;
          });
          const attributes = attributesIn(pairs, 'ce_');
          if (key !== (attributes['subject'] ?? 'null')) throw new Error(`the key is ${key}`);
          return { attributes, data: JSON.parse(value) };
        });
      },
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
