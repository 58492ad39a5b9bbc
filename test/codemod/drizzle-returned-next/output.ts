import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

async function insertOrder(values: { total: number }) {
  try {
    return await db.transaction(async (tx) => {
      const [order] = await tx
        .insert(ordersTable)
        .values({ id: '1', ...values })
        .returning();
      await events.emit(tx, 'order.created', { subject: order.id, data: order });

      return order;
    });
  } catch (error) {
    throw new Error('the order was not placed', { cause: error });
  }
}

orders.post('/', async (req, res) => {
  res.status(201).json(await insertOrder(req.body));
});

async function updateOrder(id: string, values: { total: number }) {
  return db.transaction(async (tx) => {
    const rows = await tx.update(ordersTable).set(values).where(eq(ordersTable.id, id)).returning();
    if (rows[0]) {
      await events.emit(tx, 'order.updated', { subject: rows[0].id, data: rows[0] });
    }
    return rows[0];
  });
}

orders.put('/:id', async (req, res) => {
  res.json(await updateOrder(String(req.params.id), req.body));
});

async function changeOrder(id: string, values: { total: number }) {
  const order = await db.transaction(async (tx) => {
    const [order] = await tx.update(ordersTable).set(values).where(eq(ordersTable.id, id)).returning();
    if (order) {
      await events.emit(tx, 'order.changed', { subject: order.id, data: order });
    }
    return order;
  });
  // Others see it at once.
  return order;
}

orders.patch('/:id', async (req, res) => {
  res.json(await changeOrder(String(req.params.id), req.body));
});
