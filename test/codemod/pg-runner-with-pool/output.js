const express = require('express');
const { Pool } = require('pg');
const { events } = require('./events/setup.js');

const pool = new Pool();
const router = express.Router();

async function inTransaction(db, work) {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

router.post('/', async (req, res) => {
  const { rows: [order] } = await inTransaction(pool, async (client) => {
    const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] });
    return result;
  });
  res.status(201).json(order);
});

module.exports = router;
