import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await db.transaction(async (tx) => {
    const [order] = await tx.insert(ordersTable).values(req.body).returning();
    if (!order) tx.rollback();
    await events.emit(tx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
