import { Router } from 'express';
import { mailer } from './mailer.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  await mailer.send(req.body);
  res.sendStatus(202);
});
