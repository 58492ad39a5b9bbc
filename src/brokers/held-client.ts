/** A client of a broker that is opened when it is first needed, and again after it has failed. */
export interface HeldClient<Client> {
  /** Whatever fails, the client goes with it: what it still held back must not be sent behind later events. */
  use<Result>(run: (client: Client) => Promise<Result>): Promise<Result>;
  /** Waits for what is in hand. */
  close(): Promise<void>;
}

/** How a client is opened, and what is there to end before it is ready. */
export interface ClientSteps<Connection, Client> {
  readonly connect: () => Connection | PromiseLike<Connection>;
  /** A connection on which this fails is ended: it would stay open beside the one of the next try, and so on. */
  readonly prepare: (connection: Connection) => PromiseLike<Client>;
  readonly end: (connection: Connection) => PromiseLike<unknown>;
}

interface Opening<Connection, Client> {
  readonly connection: Promise<Connection>;
  readonly client: Promise<Client>;
}

/**
 * Clients that connect again by themselves also send again by themselves, at a time of their own. One that is thrown
 * away when a batch fails cannot: the batch that comes again is the only one under way.
 */
export function holdClient<Connection, Client>(steps: ClientSteps<Connection, Client>): HeldClient<Client> {
  const { connect, prepare, end } = steps;
  let held: Opening<Connection, Client> | undefined;
  const inHand = new Set<Promise<unknown>>();

  function open(): Opening<Connection, Client> {
    const connection = Promise.resolve().then(connect);
    return { connection, client: connection.then(prepare) };
  }

  async function letGo(opening: Opening<Connection, Client>): Promise<void> {
    if (held === opening) held = undefined;
    try {
      await end(await opening.connection);
    } catch {
      // It had failed before, or its server is away: either way it is gone.
    }
  }

  async function run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    held ??= open();
    const opening = held;
    try {
      return await work(await opening.client);
    } catch (error) {
      // Not waited for: a server that hangs never says goodbye.
      void letGo(opening);
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
