const { Router } = require('express');
const { pool } = require('./pool');
const { events } = require('./events/setup');

const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.created', { subject: order.id, data: order });
    await client.query('COMMIT');
    res.json(order);
  } finally {
    client.release();
  }
});

orders.stop = () => events.stop();

module.exports = orders;
