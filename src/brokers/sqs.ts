// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import type { Publisher } from '../kernel/ports.ts';
import { awsMessage, sendInBatches, type AwsBatchAnswer, type AwsEntry } from './aws-batches.ts';
import { brokerCloudEvents } from './cloud-event.ts';

/** What is used of the class `SQS` of `@aws-sdk/client-sqs`. */
export interface SqsClient {
  sendMessageBatch(input: {
    QueueUrl: string;
    Entries: (AwsEntry & { MessageBody: string })[];
  }): Promise<AwsBatchAnswer>;
  destroy(): void;
}

export interface SqsOptions extends CloudEventsOptions {
  /** A client of its own: `close` ends its connections. */
  readonly sqs: SqsClient;
  /** A queue whose name ends in `.fifo` is one that keeps order. */
  readonly queueUrl: string | undefined;
  /** What the queue takes in one request, and so in one message. */
  readonly maxBytes?: number | undefined;
}

/**
 * Publishes to one queue. In a FIFO queue the group is the subject, so that its events come in the order of the log,
 * and repeats of the last five minutes are dropped by the deduplication id, the event id and the version. A standard
 * queue gives events in any order and may repeat them: consumers go by `id` and by `position`, which only grows
 * within a subject. An event without position was replayed by hand.
 *
 * @throws TypeError without a queue
 */
export function createSqsPublisher(options: SqsOptions): Publisher {
  const { sqs, queueUrl, maxBytes = 1024 * 1024 } = options;
  if (queueUrl === undefined || queueUrl === '') throw new TypeError('the URL of the queue is missing');
  const cloudEvents = brokerCloudEvents(options);
  const isFifo = queueUrl.endsWith('.fifo');

  return {
    name: 'sqs',

    async publish(events): Promise<void> {
      const messages = events.map((event) => awsMessage(event, cloudEvents, isFifo));
      await sendInBatches(messages, maxBytes, (entries) =>
        sqs.sendMessageBatch({
          QueueUrl: queueUrl,
          Entries: entries.map(({ text, ...entry }) => ({ ...entry, MessageBody: text })),
        }),
      );
    },

    close: () => Promise.resolve(sqs.destroy()),
  };
}
