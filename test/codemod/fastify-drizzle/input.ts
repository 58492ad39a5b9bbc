import type { FastifyInstance } from 'fastify';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const orders = pgTable<{ id: string; total: number }>('orders');

export default async function routes(app: FastifyInstance) {
  app.post('/orders', { schema: { body: { type: 'object' } } }, async (request, reply) => {
    const [order] = await db.insert(orders).values(request.body).returning();
    return reply.code(201).send(order);
  });
}
