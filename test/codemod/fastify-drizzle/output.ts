import type { FastifyInstance } from 'fastify';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const orders = pgTable<{ id: string; total: number }>('orders');

export default async function routes(app: FastifyInstance) {
  app.post('/orders', { schema: { body: { type: 'object' } } }, async (request, reply) => {
    const order = await db.transaction(async (tx) => {
      const [order] = await tx.insert(orders).values(request.body).returning();
      await events.emit(tx, 'order.created', { subject: order.id, data: order });
      return order;
    });
    return reply.code(201).send(order);
  });
}
