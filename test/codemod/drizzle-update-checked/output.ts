import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const rolesTable = pgTable<{ id: string; name: string }>('roles');
export const roles = Router();

roles.patch('/:id', async (req, res) => {
  const updated = await db.transaction(async (tx) => {
    const [role] = await tx.update(rolesTable).set(req.body).where(eq(rolesTable.id, req.params.id)).returning();
    if (!role) throw new Error('no such role');
    await events.emit(tx, 'role.updated', { subject: role.id, data: role });
    return role;
  });
  return res.json(updated);
});
