import { Redis } from 'ioredis';
import { pool } from '../db/pool.js';
import { withFailingBroker, withFailingCommits, withFailingStore } from '../failpoints.js';
import { createRedisStreamsPublisher } from './brokers/redis-streams.js';
import { createEvents } from './create-events.js';
import { pgSql } from './stores/pg.js';

const redis = new Redis(process.env['REDIS_URL'] ?? '');
const stream = process.env['EVENTS_STREAM'] ?? '';
withFailingCommits(pool, async (body) => void (await redis.xadd(stream, '*', 'event', body)));

/** The settings of the fault tests in place of those that a team would write. */
export const events = createEvents({
  sql: withFailingStore(pgSql(pool)),
  source: '/orders-api',
  publishers: [withFailingBroker(createRedisStreamsPublisher({ redis, stream }))],
  allowHosts: ['127.0.0.1'],
  retryScheduleMs: [50, 100, 200, 400, 800],
  // Nobody is switched off: the trouble is ours.
  deactivateAfter: { failures: 1_000_000, unit: 'delivery' },
});
