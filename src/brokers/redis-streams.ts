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
  const { redis } = options;
  const stream = options.stream ?? 'events';
  const addAll = addAllScript(options.maxLength);

  return {
    name: 'redis-streams',

    async publish(events): Promise<void> {
      if (events.length === 0) return;
      const values: string[] = [];
      for (const event of events) {
        const more = optionalFieldsOf(event);
        values.push(String(more.length), ...fixedValuesOf(event), ...more);
      }
      const added = await redis.eval(addAll, 1, stream, ...values);
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
 * of what hundreds of commands cost the client. The names that every entry has stand in the script: as arguments they
 * would cost half as much again.
 *
 * Of an entry it gets how many optional names and values there are, the fixed values, and these.
 */
function addAllScript(maxLength: number | undefined): string {
  const trimming = maxLength === undefined ? '' : `'MAXLEN', '~', '${maxLength}', `;
  return `
    local added, at = 0, 1
    while at <= #ARGV do
      local last = at + 6 + tonumber(ARGV[at])
      redis.call('XADD', KEYS[1], ${trimming}'*', 'ce_specversion', '1.0',
        'event', ARGV[at + 1], 'ce_id', ARGV[at + 2], 'ce_source', ARGV[at + 3], 'ce_type', ARGV[at + 4],
        'ce_time', ARGV[at + 5], 'ce_eventversion', ARGV[at + 6], unpack(ARGV, at + 7, last))
      added, at = added + 1, last + 1
    end
    return added`;
}

/** In the order of the script. */
function fixedValuesOf({ body, position, eventId, eventType, timestamp, version }: PublishedEvent): string[] {
  return [withPosition(body, position), eventId, sourceOf(body), eventType, timestamp, String(version)];
}

function optionalFieldsOf({ body, position, subject }: PublishedEvent): string[] {
  const fields: string[] = [];
  if (position !== undefined) fields.push('ce_position', String(position));
  if (subject !== undefined) fields.push('ce_subject', subject, 'ce_partitionkey', subject);
  const traceparent = /,"traceparent":"([^"\\]+)"\}$/.exec(body)?.[1];
  if (traceparent !== undefined) fields.push('ce_traceparent', traceparent);
  return fields;
}
