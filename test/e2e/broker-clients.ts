import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { BrokerServer } from '../helpers/broker-server.ts';
import { startReceiver } from '../helpers/receiver.ts';
import type { BrokerName } from '../helpers/services.ts';
import { mustRun, start, type Environment } from './commands.ts';

/** The command-line client that comes with a broker, on a server of its own, and what it saw. */
export interface BrokerClient {
  /** By which the application finds the broker. */
  readonly env: Environment;
  /** Everything that was published, as the program prints it. */
  received(): Promise<string>;
  close(): Promise<void>;
}

export interface BrokerClientKind {
  readonly server: BrokerName;
  /** Why what arrived cannot be read on this machine. */
  readonly missing?: string | undefined;
  /**
   * @param startServer takes settings of `broker.sh`
   * @param folder an empty one
   */
  open(startServer: (settings?: Environment) => Promise<BrokerServer>, folder: string): Promise<BrokerClient>;
}

const path = { PATH: process.env['PATH'] ?? '' };
const brokersFolder = `${process.env['TMPDIR'] ?? '/tmp'}/evtgen-brokers`;

/** A client that is asked whenever somebody wants to know. */
function asking(
  server: BrokerName,
  env: (url: string) => Environment,
  line: (url: string) => string,
): BrokerClientKind {
  return {
    server,
    async open(startServer, folder) {
      const { url, close } = await startServer();
      return { env: env(url), received: () => mustRun(line(url), folder, path), close };
    },
  };
}

const redisStreams = asking(
  'redis',
  (url) => ({ REDIS_URL: url }),
  (url) => `redis-cli -u ${url} XREAD STREAMS events 0`,
);

/** Who is away misses it, so it is there from the beginning. */
const redisPubSub: BrokerClientKind = {
  server: 'redis',
  async open(startServer, folder) {
    const server = await startServer();
    const subscriber = start(`redis-cli -u ${server.url} PSUBSCRIBE 'events:*'`, folder, path);
    return {
      env: { REDIS_URL: server.url },
      received: () => Promise.resolve(subscriber.output()),
      async close() {
        await subscriber.stop();
        await server.close();
      },
    };
  },
};

/** A job is a hash, whose name ends in its id. */
const bullmq = asking(
  'redis',
  (url) => ({ REDIS_URL: url }),
  (url) =>
    `redis-cli -u ${url} --scan --pattern 'bull:events:*-*' | while read key; do redis-cli -u ${url} HGETALL "$key"; done`,
);

/** By the HTTP API that the management plugin has. Nobody is bound, so all of it takes the way of the unroutable. */
const rabbitmq: BrokerClientKind = {
  server: 'rabbitmq',
  async open(startServer, folder) {
    const { port, close: free } = await startReceiver();
    await free();
    const { url, close } = await startServer({ EVTGEN_RABBITMQ_MANAGEMENT_PORT: String(port) });
    const get = 'get queue=events.unroutable count=100 ackmode=ack_requeue_true';
    return {
      env: { RABBITMQ_URL: url },
      received: () => mustRun(`rabbitmqadmin --port ${port} --format raw_json ${get}`, folder, path),
      close,
    };
  },
};

const kafka = asking(
  'kafka',
  (url) => ({ KAFKA_BROKERS: url }),
  (url) =>
    `java -Dlog4j2.level=OFF -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '${brokersFolder}/kafka-4.1.1/*' ` +
    `org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server ${url} --topic events --from-beginning ` +
    `--timeout-ms 4000 --property print.headers=true --property print.key=true`,
);

const natsProgram = [...(process.env['PATH'] ?? '').split(delimiter), brokersFolder]
  .map((folder) => join(folder, 'nats'))
  .find((file) => existsSync(file));

const nats: BrokerClientKind = {
  ...asking(
    'nats',
    (url) => ({ NATS_URL: url }),
    (url) => `${natsProgram} --server ${url} subscribe --stream events --all --wait 2s`,
  ),
  missing:
    natsProgram === undefined ? 'no nats: go install github.com/nats-io/natscli/nats@v0.5.0' : undefined,
};

/** What a queue got, by the program `aws`; `prepare` gives back the queue and how the application finds its place. */
function aws(
  prepare: (call: (line: string) => Promise<string>) => Promise<{ queueUrl: string; env: Environment }>,
): BrokerClientKind {
  return {
    server: 'aws',
    async open(startServer, folder) {
      const { url, close } = await startServer();
      const account = {
        AWS_ENDPOINT_URL: url,
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
      const program = `${brokersFolder}/aws-5.2/bin/aws --endpoint-url ${url} --output text`;
      const call = async (line: string): Promise<string> =>
        (await mustRun(`${program} ${line}`, folder, { ...path, ...account })).trim();
      const { queueUrl, env } = await prepare(call);
      const receive = `sqs receive-message --queue-url ${queueUrl} --max-number-of-messages 10`;
      // What is received stays hidden for half a minute.
      let seen = '';
      return {
        env: { ...account, ...env },
        received: async () => (seen += await call(receive)),
        close,
      };
    },
  };
}

const sqs = aws(async (call) => {
  const made = 'create-queue --queue-name events.fifo --attributes FifoQueue=true --query QueueUrl';
  const queueUrl = await call(`sqs ${made}`);
  return { queueUrl, env: { SQS_QUEUE_URL: queueUrl } };
});

const sns = aws(async (call) => {
  const queueUrl = await call('sqs create-queue --queue-name events --query QueueUrl');
  const topicArn = await call('sns create-topic --name events --query TopicArn');
  const queueArn = topicArn.replace(':sns:', ':sqs:');
  const raw = 'RawMessageDelivery=true';
  await call(
    `sns subscribe --topic-arn ${topicArn} --protocol sqs --notification-endpoint ${queueArn} --attributes ${raw}`,
  );
  return { queueUrl, env: { SNS_TOPIC_ARN: topicArn } };
});

/** By the id of the broker in evtgen.config.json. */
export const brokerClients: Readonly<Record<string, BrokerClientKind>> = {
  'redis-streams': redisStreams,
  'redis-pub-sub': redisPubSub,
  bullmq,
  rabbitmq,
  kafka,
  'nats-jetstream': nats,
  sqs,
  sns,
};

/** @throws where the table names a broker that nobody reads. */
export function brokerClientOf(broker: string): BrokerClientKind {
  const kind = brokerClients[broker];
  if (kind === undefined) throw new Error(`no command-line client of ${broker} is known`);
  return kind;
}
