import { Hono } from 'hono';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const orders = pgTable<{ id: string; total: number }>('orders');

const app = new Hono().post('/orders', async (c) => {
  const body = await c.req.json();
  const order = await db.transaction(async (tx) => {
    const [row] = await tx.insert(orders).values(body).returning();
    await events.emit(tx, 'order.created', { subject: row.id, data: row });
    return row;
  });
  return c.json(order, 201);
});

export default app;
