import type { NextApiRequest, NextApiResponse } from 'next';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup';

declare const db: NodePgDatabase;
const orders = pgTable<{ id: string; total: number }>('orders');

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  switch (req.method) {
    case 'POST': {
      const order = await db.transaction(async (tx) => {
        const [order] = await tx.insert(orders).values(req.body).returning();
        await events.emit(tx, 'order.created', { subject: order.id, data: order });
        return order;
      });
      return res.status(201).json(order);
    }
    default:
      return res.status(405).end();
  }
}
