import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/', (req, res, next) => {
  withTransaction(pool, (client) => {
    return client
      .query('insert into orders (total) values ($1) returning *', [req.body.total])
      .then(({ rows }) => rows[0]);
  }).then((order) => res.json(order), next);
});
