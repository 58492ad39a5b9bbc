import type { Request, Response } from 'express';
import { Database } from './input-db.js';
import { events } from './events/setup.js';

export class OrdersController {
  constructor(private readonly db: Database) {}

  async create(req: Request, res: Response) {
    const {
      rows: [order],
    } = await this.db.transaction(async (client) => {
      const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
      await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] });
      return result;
    });
    res.status(201).json(order);
  }

  async ship(req: Request, res: Response) {
    const order = await this.db.transaction(async (client) => {
      const { rows } = await client.query('update orders set shipped = true where id = $1 returning *', [req.params.id]);
      if (rows[0] === undefined) throw new Error('no such order');
      await events.emit(client, 'order.shipped', { subject: rows[0].id, data: rows[0] });
      return rows[0];
    });
    res.json(order);
  }
}
