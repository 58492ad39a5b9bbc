/** A file in this folder that implements the kernel's `Publisher`. */
export interface BrokerBinding {
  /** As `broker` in evtgen.config.json names it. */
  readonly id: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

export const brokers: readonly BrokerBinding[] = [{ id: 'redis-streams', packages: ['ioredis'] }];
