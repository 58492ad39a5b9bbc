import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

async function insertOrder(values: { total: number }) {
  try {
    const [order] = await db
      .insert(ordersTable)
      .values({ id: '1', ...values })
      .returning();

    return order;
  } catch (error) {
    throw new Error('the order was not placed', { cause: error });
  }
}

orders.post('/', async (req, res) => {
  res.status(201).json(await insertOrder(req.body));
});

async function updateOrder(id: string, values: { total: number }) {
  const rows = await db.update(ordersTable).set(values).where(eq(ordersTable.id, id)).returning();
  return rows[0];
}

orders.put('/:id', async (req, res) => {
  res.json(await updateOrder(String(req.params.id), req.body));
});

async function changeOrder(id: string, values: { total: number }) {
  const [order] = await db.update(ordersTable).set(values).where(eq(ordersTable.id, id)).returning();
  // Others see it at once.
  return order;
}

orders.patch('/:id', async (req, res) => {
  res.json(await changeOrder(String(req.params.id), req.body));
});
