import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

export async function pay(req, res) {
  await prisma.$transaction(async (tx) => {
    await tx.order.update({ where: { id: req.params.id }, data: { paid: true } });
    // evtgen-ignore-next-line sent_in_transaction: the carrier forgets what is not confirmed
    await fetch('https://carrier.example', { method: 'POST' });
    /* evtgen-ignore-next-line sent_in_transaction: it may come twice */
    await fetch('https://mail.example', { method: 'POST' });
    // evtgen-ignore-next-line sent_in_transaction
    await fetch('https://ledger.example', { method: 'POST' });
  });
  // evtgen-ignore-next-line sent_in_transaction: of another rule than the finding
  // evtgen-ignore-next-line not_awaited: the count may be late
  prisma.order.create({ data: req.body });
  // evtgen-ignore-next-line not_awaited: it is awaited by now
  await prisma.order.delete({ where: { id: 1 } });
  // evtgen-ignore-next-line missing_emit: that is for the catalog to say
  // evtgen-ignore-next-line
  const text = `
    // evtgen-ignore-next-line not_awaited: no comment
  `;
  res.json({ text, other: 'see // evtgen-ignore-next-line not_awaited: no comment' });
}
