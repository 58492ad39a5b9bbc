import { SNSClient, PublishCommand, ListTopicsCommand } from '@aws-sdk/client-sns';
import { drizzle } from 'drizzle-orm/node-postgres';
import Redis from 'ioredis';
import { connect } from 'nats';
import { orders } from './schema';

const db = drizzle('postgres://localhost');
const sns = new SNSClient({});
const redis = new Redis();
const nats = await connect();

export async function place(c) {
  await db.transaction(async (tx) => {
    const [order] = await tx.insert(orders).values(c.body).returning();
    await redis.set('last', order.id);
    await redis.publish('orders', order.id);
    await redis.xadd('orders', '*', 'id', order.id);
    nats.publish('orders', order.id);
    await sns.send(new ListTopicsCommand({}));
    const command = new PublishCommand({ Message: order.id });
    await sns.send(command);
  });
}
