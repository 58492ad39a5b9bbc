import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';

/** What the demo reads of an order. */
export interface Order {
  readonly id: number;
  readonly status: string;
  readonly total_cents: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
}

/** The shop over HTTP: its own routes, and those that were generated for it. */
export interface ShopClient {
  placeOrder(): Promise<Order>;
  subscribe(url: string, eventTypes: readonly string[]): Promise<{ id: string; secret: string }>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  replay(id: string): Promise<void>;
}

export function createShopClient(baseUrl: string): ShopClient {
  async function call<Result>(method: string, path: string, body?: unknown): Promise<Result> {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new EvtgenError('demo_step_failed', `${method} ${path} answered ${response.status}: ${text}`, {
        exitCode: ExitCode.bug,
      });
    }
    return (text === '' ? undefined : JSON.parse(text)) as Result;
  }

  return {
    placeOrder: () =>
      call<Order>('POST', '/api/v1/orders', { customerId: 1, items: [{ productId: 1, quantity: 2 }] }),
    subscribe: (url, eventTypes) => call('POST', '/webhooks', { url, eventTypes }),
    deadLetters: async () => (await call<{ data: DeadLetter[] }>('GET', '/dead-letters')).data,
    replay: (id) => call('POST', `/dead-letters/${id}/replay`),
  };
}
