import type { Request, Response } from 'express';
import { Database } from './input-db.js';

export class OrdersController {
  constructor(private readonly db: Database) {}

  async create(req: Request, res: Response) {
    const {
      rows: [order],
    } = await this.db.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    res.status(201).json(order);
  }

  async ship(req: Request, res: Response) {
    const order = await this.db.transaction(async (client) => {
      const { rows } = await client.query('update orders set shipped = true where id = $1 returning *', [req.params.id]);
      if (rows[0] === undefined) throw new Error('no such order');
      return rows[0];
    });
    res.json(order);
  }
}
