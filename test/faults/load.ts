import { setTimeout as sleep } from 'node:timers/promises';

/** Customers who place, change and cancel orders, whether the shop is up or not. */
export interface Load {
  /** How many requests the shop has answered. */
  answered(): number;
  stop(): Promise<void>;
}

/** The shop's database refuses to commit an order with this note, after everything else has gone well. */
export const REFUSED_NOTE = 'refuse at commit';

export interface LoadOptions {
  /** Where the shop listens at the moment. */
  address(): string | undefined;
  readonly concurrency: number;
  readonly random: () => number;
  /** Between two orders of a customer. */
  readonly pauseMs?: number;
}

export function startLoad({ address, concurrency, random, pauseMs = 0 }: LoadOptions): Load {
  const stopped = new AbortController();
  let answered = 0;

  /** Undefined when the shop was not there, died meanwhile, or refused. */
  async function call(method: string, path: string, body: unknown): Promise<{ id: number } | undefined> {
    const base = address();
    if (base === undefined) return pause();
    try {
      const response = await fetch(new URL(path, base), {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      answered += 1;
      const answer = (await response.json()) as { id: number };
      return response.ok ? answer : undefined;
    } catch {
      // Killed in the middle: what became of it is for the database to say.
      return pause();
    }
  }

  async function customer(): Promise<void> {
    while (!stopped.signal.aborted) {
      if (pauseMs > 0) await sleep(pauseMs);
      const items = [{ productId: 1 + Math.floor(random() * 3), quantity: 1 }];
      const order = await call('POST', '/api/v1/orders', { customerId: 1, items });
      if (order === undefined) continue;
      const path = `/api/v1/orders/${order.id}`;
      if (random() < 0.2) await call('PATCH', path, { note: REFUSED_NOTE });
      else await call('PATCH', path, { note: 'changed' });
      if (random() < 0.5) await call('POST', `${path}/cancel`, {});
    }
  }

  const customers = Array.from({ length: concurrency }, customer);
  return {
    answered: () => answered,
    async stop() {
      stopped.abort();
      await Promise.all(customers);
    },
  };
}

async function pause(): Promise<undefined> {
  await sleep(10);
}
