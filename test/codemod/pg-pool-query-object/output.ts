import { Router } from 'express';
import { Pool } from 'pg';
import { events } from './events/setup.js';
import { inTransaction } from './events/stores/in-transaction.js';

const pool = new Pool();
export const orders = Router();

const Orders = {
  table: 'orders',

  async store(total: number) {
    try {
      const query = {
        text: `
          INSERT INTO ${this.table} (total)
          VALUES ($1)
          RETURNING id, total
        `,
        values: [total],
      };

      return await inTransaction(pool, async (client) => {
        const result = await client.query(query);
        await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] });

        return result.rows[0];
      });
    } catch (error) {
      throw new Error('not stored', { cause: error });
    }
  },
};

orders.post('/', async (req, res) => {
  res.status(201).json(await Orders.store(req.body.total));
});
