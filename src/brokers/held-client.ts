/** A client of a broker that is opened when it is first needed, and again after it has failed. */
export interface HeldClient<Client> {
  /** Whatever fails, the client goes with it: what it still held back must not be sent behind later events. */
  use<Result>(run: (client: Client) => Promise<Result>): Promise<Result>;
  /** Waits for what is in hand. */
  close(): Promise<void>;
}

/**
 * Clients that connect again by themselves also send again by themselves, at a time of their own. One that is thrown
 * away when a batch fails cannot: the batch that comes again is the only one under way.
 */
export function holdClient<Client>(
  open: () => Promise<Client>,
  end: (client: Client) => Promise<unknown>,
): HeldClient<Client> {
  let held: Promise<Client> | undefined;
  const inHand = new Set<Promise<unknown>>();

  async function letGo(client: Promise<Client>): Promise<void> {
    if (held === client) held = undefined;
    try {
      await end(await client);
    } catch {
      // It had failed before, or its server is away: either way it is gone.
    }
  }

  async function run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    held ??= open();
    const client = held;
    try {
      return await work(await client);
    } catch (error) {
      // Not waited for: a server that hangs never says goodbye.
      void letGo(client);
      throw error;
    }
  }

  return {
    async use(work) {
      const running = run(work);
      inHand.add(running);
      try {
        return await running;
      } finally {
        inHand.delete(running);
      }
    },

    async close(): Promise<void> {
      await Promise.allSettled(inHand);
      if (held !== undefined) await letGo(held);
    },
  };
}
