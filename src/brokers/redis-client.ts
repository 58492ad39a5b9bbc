/** What is used of an ioredis client; typed by shape, so any version from 5 on fits. */
export interface RedisClient {
  disconnect(): void;
  eval(script: string, keyCount: number, ...keysAndValues: string[]): Promise<unknown>;
}

/** What is used of a client of the package `redis`, version 4 or later. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  once(event: 'error', listener: (error: Error) => void): unknown;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/**
 * Gives a client of the package `redis` the shape of the other one. It is connected when it is first needed; make it
 * with `disableOfflineQueue`, so that a batch fails while Redis is away and is not sent by itself later.
 */
export function nodeRedis(client: NodeRedisClient): RedisClient {
  let opening: Promise<unknown> | undefined;

  /** Until it is open or has failed once; it goes on trying by itself. */
  function open(): Promise<unknown> {
    opening ??= client.connect().finally(() => (opening = undefined));
    const opened = opening;
    return new Promise((resolve, reject) => {
      client.once('error', reject);
      opened.then(resolve, reject);
    });
  }

  return {
    async eval(script, keyCount, ...keysAndValues): Promise<unknown> {
      if (client.isOpen === false) await open();
      return client.eval(script, {
        keys: keysAndValues.slice(0, keyCount),
        arguments: keysAndValues.slice(keyCount),
      });
    },

    disconnect(): void {
      // One that is closed already says so by rejecting.
      client.disconnect().catch(() => undefined);
    },
  };
}
