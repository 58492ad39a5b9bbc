// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import type { Publisher } from '../kernel/ports.ts';
import { awsMessage, sendInBatches, type AwsBatchAnswer, type AwsEntry } from './aws-batches.ts';
import { brokerCloudEvents } from './cloud-event.ts';

/** What is used of the class `SNS` of `@aws-sdk/client-sns`. */
export interface SnsClient {
  publishBatch(input: {
    TopicArn: string;
    PublishBatchRequestEntries: (AwsEntry & { Message: string })[];
  }): Promise<AwsBatchAnswer>;
  destroy(): void;
}

export interface SnsOptions extends CloudEventsOptions {
  /** A client of its own: `close` ends its connections. */
  readonly sns: SnsClient;
  /** A topic whose name ends in `.fifo` is one that keeps order. */
  readonly topicArn: string | undefined;
}

/** What SNS takes in one request, and so in one message. */
const MAX_BYTES = 256 * 1024;

/**
 * Publishes to one topic; subscriptions filter by the attribute `ce_type`, and with raw delivery pass the attributes
 * on. In a FIFO topic the group is the subject, so that its events come in the order of the log, and repeats of the
 * last five minutes are dropped by the deduplication id, the event id and the version. A standard topic gives events
 * in any order and may repeat them: consumers go by `id` and by `position`, which only grows within a subject. An
 * event without position was replayed by hand.
 *
 * @throws TypeError without a topic
 */
export function createSnsPublisher(options: SnsOptions): Publisher {
  const { sns, topicArn } = options;
  if (topicArn === undefined || topicArn === '') throw new TypeError('the ARN of the topic is missing');
  const cloudEvents = brokerCloudEvents(options);
  const isFifo = topicArn.endsWith('.fifo');

  return {
    name: 'sns',

    async publish(events): Promise<void> {
      const messages = events.map((event) => awsMessage(event, cloudEvents, isFifo));
      await sendInBatches(messages, MAX_BYTES, (entries) =>
        sns.publishBatch({
          TopicArn: topicArn,
          PublishBatchRequestEntries: entries.map(({ text, ...entry }) => ({ ...entry, Message: text })),
        }),
      );
    },

    close: () => Promise.resolve(sns.destroy()),
  };
}
