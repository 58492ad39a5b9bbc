import { Router } from 'express';
import { Pool } from 'pg';

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

      const result = await pool.query(query);

      return result.rows[0];
    } catch (error) {
      throw new Error('not stored', { cause: error });
    }
  },
};

orders.post('/', async (req, res) => {
  res.status(201).json(await Orders.store(req.body.total));
});
