import amqp from 'amqplib';
import { Pool } from 'pg';

const pool = new Pool();
const connection = await amqp.connect('amqp://localhost');
const channel = await connection.createChannel();

export async function place(req, res) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('insert into orders (total) values ($1) returning *', [
      req.body.total,
    ]);
    if (rows.length === 0) {
      await client.query('ROLLBACK');
      channel.publish('orders', 'order.refused', Buffer.from('{}'));
      return res.status(409).end();
    }
    channel.publish('orders', 'order.created', Buffer.from(JSON.stringify(rows[0])));
    await client.query('COMMIT');
    channel.sendToQueue('mails', Buffer.from(JSON.stringify(rows[0])));
    res.json(rows[0]);
  } catch (error) {
    await client.query('ROLLBACK');
    channel.publish('orders', 'order.failed', Buffer.from('{}'));
    throw error;
  } finally {
    client.release();
  }
}
