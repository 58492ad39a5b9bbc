// https://redis.io/docs/latest/develop/pubsub/
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import type { Publisher } from '../kernel/ports.ts';
import { brokerCloudEvents } from './cloud-event.ts';
import type { RedisClient } from './redis-client.ts';

export interface RedisPubSubOptions extends CloudEventsOptions {
  /** A connection of its own: `close` ends it. */
  readonly redis: RedisClient;
  /** Events go to the channel `<prefix>order.created`. */
  readonly channelPrefix?: string | undefined;
}

/**
 * Publishes to one channel an event type, so that `PSUBSCRIBE events:order.*` picks. A message is the event as a
 * CloudEvents JSON document.
 *
 * Redis hands a message to whoever listens at that moment and forgets it: a subscriber that is away misses it for
 * good, and so does everybody while Redis is down between taking a message and passing it on. For consumers that must
 * see everything there are Redis Streams. The user of Redis needs the right to EVAL.
 */
export function createRedisPubSubPublisher(options: RedisPubSubOptions): Publisher {
  const { redis, channelPrefix = 'events:' } = options;
  const cloudEvents = brokerCloudEvents(options);

  return {
    name: 'redis-pub-sub',

    async publish(events): Promise<void> {
      if (events.length === 0) return;
      const messages = events.flatMap((event) => [
        `${channelPrefix}${event.eventType}`,
        cloudEvents.structured(event),
      ]);
      await redis.eval(PUBLISH_ALL, 0, ...messages);
    },

    // Nothing is under way any more, and QUIT would wait for a server that is down.
    close: () => Promise.resolve(redis.disconnect()),
  };
}

/** All in one go, so that nobody else's messages come in between and a lost connection repeats all or nothing. */
const PUBLISH_ALL = `
  for at = 1, #ARGV, 2 do redis.call('PUBLISH', ARGV[at], ARGV[at + 1]) end
  return #ARGV / 2`;
