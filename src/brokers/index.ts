/** A file in this folder that implements the kernel's `Publisher`. */
export interface BrokerBinding {
  readonly id: string;
  readonly title: string;
  /** Relative to src/brokers. */
  readonly file: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

export const brokers: readonly BrokerBinding[] = [
  { id: 'redis-streams', title: 'Redis Streams', file: 'redis-streams.ts', packages: ['ioredis'] },
];
