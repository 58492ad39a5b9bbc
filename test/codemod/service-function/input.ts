import { Router } from 'express';
import { placeOrder } from './input-service.js';

const wrap = (handler) => (req, res, next) => handler(req, res).catch(next);

export const orders = Router();

orders.post('/', wrap(async (request, res) => {
  const order = await placeOrder(request.body);
  res.status(201).json(order);
}));
