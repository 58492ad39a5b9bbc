import type { Repository, DataSource } from 'typeorm';
import { Queue } from 'bullmq';
import { createTransport } from 'nodemailer';

interface Order {
  id: string;
}
declare const orderRepository: Repository<Order>;
declare const dataSource: DataSource;
const queue = new Queue('orders');
const transporter = createTransport({});

async function index(order: Order) {
  await orderRepository.update(order.id, order);
}

async function indexQuietly(order: Order) {
  try {
    await orderRepository.update(order.id, order);
  } catch (error) {
    console.error(error);
  }
}

export async function place(req, res) {
  orderRepository.save(req.body);
  queue.add('placed', req.body);
  index(req.body);
  indexQuietly(req.body);
  void index(req.body);
  index(req.body).catch(console.error);
  transporter.sendMail({ to: req.body.mail }, (error) => console.error(error));
  transporter.sendMail({ to: req.body.mail });
  await Promise.all([index(req.body)]);
  res.status(201).json(req.body);
  index(req.body);
}

export async function import_(req, res) {
  req.body.orders.forEach(async (order: Order) => {
    await orderRepository.save(order);
  });
  await Promise.all(
    req.body.orders.map(async (order: Order) => {
      await orderRepository.save(order);
    }),
  );
  return dataSource.transaction(async (manager) => {
    manager.save(req.body);
  });
}

async function answer(order: Order, res) {
  await orderRepository.save(order);
  res.json(order);
}

async function loud(order: Order) {
  try {
    await index(order);
  } catch (error) {
    throw new Error('not indexed', { cause: error });
  }
}

async function quiet(order: Order) {
  await indexQuietly(order);
  await index(order).catch(() => null);
}

export function patch(req, res) {
  answer(req.body, res);
  loud(req.body);
  quiet(req.body);
}
