import { Router } from 'express';
import { service } from './input-service.js';

export const orders = Router();

orders.post('/:id/pay', async (req, res) => {
  res.json(await service.payOrder(req.params.id));
});

orders.post('/payment-hook', async ({ body }, res) => {
  await service.payOrder(body.orderId);
  res.sendStatus(200);
});
