import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

export declare const db: NodePgDatabase;
export const ordersTable = pgTable<{ id: string; total: number }>('orders');
