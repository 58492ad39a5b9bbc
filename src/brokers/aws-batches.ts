import { createHash } from 'node:crypto';
import { UnpublishableError } from '../kernel/errors.ts';
import type { PublishedEvent } from '../kernel/event.ts';
import { EVENT_CONTENT_TYPE, type BrokerCloudEvents } from './cloud-event.ts';
import { batchesOf, type Sized } from './in-order.ts';

/** An attribute as SNS and SQS take it. */
interface AwsAttribute {
  DataType: string;
  StringValue: string;
}

/** What SNS and SQS want beside the text of a message, in their own words. */
export interface AwsEntry {
  Id: string;
  MessageAttributes: Record<string, AwsAttribute>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

/** What both answer to a batch. */
export interface AwsBatchAnswer {
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined;
        readonly Code?: string | undefined;
        readonly Message?: string | undefined;
      }[]
    | undefined;
}

export interface AwsMessage extends Sized {
  readonly text: string;
  readonly entry: Omit<AwsEntry, 'Id'>;
}

/** Both take that many in one request. */
const MAX_BATCH_COUNT = 10;

/**
 * Sends all, ten at a time, in the order of the log. Either service may take some of a batch and refuse others, so no
 * two of a batch are of one subject.
 *
 * @param send carries one batch to the service
 */
export async function sendInBatches(
  messages: readonly AwsMessage[],
  maxBytes: number,
  send: (entries: (AwsEntry & { readonly text: string })[]) => Promise<AwsBatchAnswer>,
): Promise<void> {
  const tooLarge = messages.find(({ bytes }) => bytes > maxBytes);
  if (tooLarge !== undefined) {
    throw new UnpublishableError(tooLarge.event.eventId, `${tooLarge.bytes} bytes of ${maxBytes}`);
  }
  const limits = { count: MAX_BATCH_COUNT, bytes: maxBytes, isPartial: true };
  for (const batch of batchesOf(messages, limits)) {
    const entries = batch.map(({ text, entry }, index) => ({ ...entry, Id: String(index), text }));
    const { Failed: failed = [] } = await send(entries);
    const [first] = failed;
    if (first === undefined) continue;
    const reason = `${first.Code}: ${first.Message}`;
    const culprit = batch[Number(first.Id)];
    if (culprit !== undefined && REFUSED_FOR_GOOD.test(reason)) {
      throw new UnpublishableError(culprit.event.eventId, reason);
    }
    throw new Error(`${failed.length} of ${batch.length} events were refused, the first with ${reason}`);
  }
}

/** Of the message itself; anything else (rights, keys, throttling) may be put right. */
const REFUSED_FOR_GOOD = /InvalidMessageContents|must be shorter than|message too long/i;

/**
 * A message is the whole event as one CloudEvents document: of attributes either service passes on no more than ten,
 * and CloudEvents has no binding for them. Four are repeated as attributes, for filters.
 *
 * @param isFifo the queue or topic orders by group and drops repeats by id
 */
export function awsMessage(
  event: PublishedEvent,
  cloudEvents: BrokerCloudEvents,
  isFifo: boolean,
): AwsMessage {
  const text = cloudEvents.structured(event).replaceAll(UNKNOWN_TO_XML, escaped);
  const attributes: Record<string, AwsAttribute> = {
    'content-type': attribute(EVENT_CONTENT_TYPE),
    ce_id: attribute(event.eventId),
    ce_type: attribute(event.eventType),
    ...(event.subject !== undefined && { ce_subject: attribute(event.subject) }),
  };
  const fifo = {
    MessageGroupId: awsId(event.subject ?? event.eventId),
    MessageDeduplicationId: awsId(`${event.eventId}:${event.version}`),
  };
  return {
    event,
    text,
    // Names, types and values count.
    bytes: Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(attributes)),
    entry: { MessageAttributes: attributes, ...(isFifo && fifo) },
  };
}

/** The only two characters that JSON writes as they are and XML, by whose rules messages are judged, has not. */
const UNKNOWN_TO_XML = /[\uFFFE\uFFFF]/g;

function attribute(value: string): AwsAttribute {
  return { DataType: 'String', StringValue: value.replaceAll(UNKNOWN_TO_XML, '\uFFFD') };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}

/** Ids have at most 128 letters, digits and ASCII punctuation; what does not fit goes by its hash. */
function awsId(value: string): string {
  return /^[!-~]{1,128}$/.test(value) ? value : createHash('sha256').update(value).digest('hex');
}
