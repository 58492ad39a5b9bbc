import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { AMQPClient } from '@cloudamqp/amqp-client';
import { attributesIn, type Received } from './rig.ts';

const run = promisify(execFile);

/** All that a queue of RabbitMQ holds, in its order; they stay there. By another client than the publisher's. */
export async function readQueue(url: string, queue: string): Promise<Received[]> {
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
}

/** All that a topic of Kafka holds, partition by partition; by Kafka's own console consumer. */
export async function readTopic(url: string, topic: string): Promise<Received[]> {
  const libraries = `${process.env['TMPDIR'] ?? tmpdir()}/evtgen-brokers/kafka-4.1.1/*`;
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
}
