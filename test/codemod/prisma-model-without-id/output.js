const express = require('express');
const { PrismaClient } = require('@prisma/client');
const { events } = require('./events/setup');

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
  await prisma.$transaction(async (tx) => {
    const project = await tx.project.delete({ where: { id } });
    await events.emit(tx, 'project.deleted', { subject: project.id, data: project });
  });
  res.status(204).end();
});
