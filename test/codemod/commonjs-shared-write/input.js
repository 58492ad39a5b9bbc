const express = require('express');
const service = require('./input-service');

const router = express.Router();

router.post('/', async (req, res) => {
  const order = await service.placeOrder(req.body);
  res.status(201).json(order);
});

module.exports = router;
