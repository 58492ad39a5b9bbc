// https://redis.io/docs/latest/develop/data-types/streams/
import { sourceOf, withPosition } from '../kernel/envelope.ts';
import type { PublishedEvent } from '../kernel/event.ts';
import type { Publisher } from '../kernel/ports.ts';
import type { RedisClient } from './redis-client.ts';

export interface RedisStreamsOptions {
  /** A connection of its own: `close` ends it. */
  readonly redis: RedisClient;
  /** Key of the stream. */
  readonly stream?: string | undefined;
  /**
   * About how many entries the stream keeps (`MAXLEN ~`). Without it nothing is ever removed and Redis holds
   * all of it in memory; with it, a consumer that falls behind by more than that loses events.
   */
  readonly maxLength?: number | undefined;
}

/**
 * Publishes to one stream, because a stream is what Redis orders: a consumer group on it gets every event in
 * the order of the log, and filters by the field `ce_type`. An entry has the field `event`, the envelope as
 * JSON, and the CloudEvents attributes as `ce_…` for those who route without parsing.
 *
 * Entries may repeat after a crash; `ce_position` only grows, so a consumer skips what is not above the last
 * one it has seen. An event without it was replayed by hand, long after its turn.
 *
 * The user of Redis needs the right to EVAL.
 */
export function createRedisStreamsPublisher(options: RedisStreamsOptions): Publisher {
  const { redis, maxLength } = options;
  const stream = options.stream ?? 'events';
  const trimming = maxLength === undefined ? [] : ['MAXLEN', '~', String(maxLength)];

  return {
    name: 'redis-streams',

    async publish(events): Promise<void> {
      if (events.length === 0) return;
      const values: string[] = [];
      for (const event of events) {
        const entry = [...trimming, '*', ...fieldsOf(event)];
        values.push(String(entry.length), ...entry);
      }
      const added = await redis.eval(ADD_ALL, 1, stream, ...values);
      // A client may be set to give numbers as text.
      if (Number(added) !== events.length) {
        throw new Error(`Redis confirmed ${added} of ${events.length} events`);
      }
    },

    // Nothing is under way any more, and QUIT would wait for a server that is down.
    close: () => Promise.resolve(redis.disconnect()),
  };
}

/**
 * All or nothing. In a pipeline one entry could fail (out of memory) and its successors not; the repeated batch would
 * then bring it after events of higher position, where consumers skip it. A script is that as MULTI is, for a third
 * of what hundreds of commands cost the client.
 */
const ADD_ALL = `
  local added, at = 0, 1
  while at <= #ARGV do
    local size = tonumber(ARGV[at])
    redis.call('XADD', KEYS[1], unpack(ARGV, at + 1, at + size))
    added, at = added + 1, at + size + 1
  end
  return added`;

function fieldsOf(event: PublishedEvent): string[] {
  const fields = [
    'event',
    withPosition(event.body, event.position),
    'ce_specversion',
    '1.0',
    'ce_id',
    event.eventId,
    'ce_source',
    sourceOf(event.body),
    'ce_type',
    event.eventType,
    'ce_time',
    event.timestamp,
    'ce_eventversion',
    String(event.version),
  ];
  if (event.position !== undefined) fields.push('ce_position', String(event.position));
  if (event.subject !== undefined) fields.push('ce_subject', event.subject, 'ce_partitionkey', event.subject);
  const traceparent = /,"traceparent":"([^"\\]+)"\}$/.exec(event.body)?.[1];
  if (traceparent !== undefined) fields.push('ce_traceparent', traceparent);
  return fields;
}
