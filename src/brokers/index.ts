import type { SetupPart } from '../generate/setup-part.ts';

/** A file in this folder that implements the kernel's `Publisher`. */
export interface BrokerBinding {
  /** As `broker` in evtgen.config.json names it. */
  readonly id: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
  readonly setup: SetupPart;
}

export const brokers: readonly BrokerBinding[] = [
  {
    id: 'redis-streams',
    packages: ['ioredis'],
    setup: {
      imports: [
        `{ Redis } from 'ioredis'`,
        `{ createRedisStreamsPublisher } from '#events/brokers/redis-streams.ts'`,
      ],
      statements: `\
const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');

// While Redis is away events wait in the database, and it connects again by itself.
redis.on('error', (error) => console.error('redis connection failed:', error.message));`,
      settings: 'publishers: [createRedisStreamsPublisher({ redis })],',
    },
  },
];
