import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';
import { events } from './events/setup.js';

export const shipments = Router();

shipments.post('/', async (req, res) => {
  const shipment = await withTransaction(pool, async (client) => {
    const { rows: [shipment] } = await client.query('insert into shipments (carrier) values ($1) returning *', [req.body.carrier]);
    await events.emit(client, 'shipment.created', { subject: shipment['tracking-code'], data: shipment });
    return shipment;
  });
  res.json(shipment);
});
