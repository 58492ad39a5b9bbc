import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { LibSQLDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: LibSQLDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.post('/', async (req, res) => {
  const [order] = await db.insert(ordersTable).values(req.body).returning();
  res.status(201).json(order);
});
