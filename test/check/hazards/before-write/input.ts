import { EventEmitter } from 'node:events';
import { Kafka } from 'kafkajs';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
const producer = new Kafka({ brokers: [] }).producer();
const events = new EventEmitter();

export async function place(req, res) {
  await producer.send({ topic: 'order.created', messages: [{ value: JSON.stringify(req.body) }] });
  const order = await prisma.order.create({ data: req.body });
  res.json(order);
}

export async function close(req, res) {
  events.emit('order.closed', req.params.id);
  events.emit('order.beforeClose', req.params.id);
  await prisma.$transaction(async (tx) => {
    await tx.order.update({ where: { id: req.params.id }, data: { closed: true } });
  });
  res.end();
}

export async function pay(req, res) {
  const order = await prisma.order.update({ where: { id: req.params.id }, data: { paid: true } });
  events.emit('order.paid', order);
  await prisma.invoice.create({ data: { orderId: order.id } });
  res.end();
}

export async function ship(req, res) {
  const [sent] = await producer.send({ topic: 'order.shipped', messages: [] });
  await prisma.order.update({ where: { id: req.params.id }, data: { offset: sent.baseOffset } });
  res.end();
}

export async function remove(req, res) {
  if (req.query.soft) {
    events.emit('order.hidden', req.params.id);
    return res.end();
  }
  events.emit('order.removed', req.params.id);
  await prisma.auditLog.create({ data: { action: 'removed' } });
  res.end();
}
