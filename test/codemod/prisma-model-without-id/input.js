const express = require('express');
const { PrismaClient } = require('@prisma/client');

const prisma = new PrismaClient();
const router = express.Router();
module.exports = router;

router.delete('/memberships/:id', async (req, res) => {
  const { id } = req.params;
  await prisma.membership.delete({ where: { id } });
  res.status(204).end();
});

router.delete('/projects/:id', async (req, res) => {
  const { id } = req.params;
  await prisma.project.delete({ where: { id } });
  res.status(204).end();
});
