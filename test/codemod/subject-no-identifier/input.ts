import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const shipments = Router();

shipments.post('/', async (req, res) => {
  const shipment = await withTransaction(pool, async (client) => {
    const { rows: [shipment] } = await client.query('insert into shipments (carrier) values ($1) returning *', [req.body.carrier]);
    return shipment;
  });
  res.json(shipment);
});
