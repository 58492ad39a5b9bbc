import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod/v4';

const orderSchema = z.object({
  orderId: z.string(),
  status: z.string(),
  total: z.number(),
  currency: z.string(),
  customerId: z.string(),
  items: z.array(z.object({ sku: z.string(), quantity: z.number(), price: z.number() })),
  note: z.string(),
});

/** The catalog of all benches: one public event type. */
export const registry = {
  'order.created': { eventType: 'order.created', version: 1, audience: 'public', schema: orderSchema },
};

/** An order of about `bytes` bytes as JSON. */
export function createOrder(bytes = 1024) {
  const order = {
    orderId: randomUUID(),
    status: 'created',
    total: 129.95,
    currency: 'EUR',
    customerId: randomUUID(),
    items: [
      { sku: 'A-1', quantity: 2, price: 19.95 },
      { sku: 'B-2', quantity: 1, price: 90.05 },
    ],
    note: '',
  };
  const missing = Math.max(0, bytes - JSON.stringify(order).length);
  return {
    ...order,
    note: randomBytes(Math.ceil(missing / 2))
      .toString('hex')
      .slice(0, missing),
  };
}

/** An envelope as JSON text, with an order of about 850 bytes: 1 kB in all. */
export function createEnvelopeText() {
  return JSON.stringify({
    eventId: randomUUID(),
    eventType: 'order.created',
    version: 1,
    timestamp: new Date().toISOString(),
    source: '/orders-api',
    data: createOrder(850),
  });
}
