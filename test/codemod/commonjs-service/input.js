const express = require('express');
const { placeOrder } = require('./input-service');

const router = express.Router();

router.post('/', async (req, res) => {
  const order = await placeOrder(req.body);
  res.status(201).json(order);
});

module.exports = router;
