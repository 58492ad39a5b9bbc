const { Router } = require('express');
const pool = require('./pool');

const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { rowCount } = await pool.query('delete from orders where id = $1', [req.params.id])
  res.sendStatus(rowCount === 0 ? 404 : 204)
})

module.exports = orders
