import { Queue } from 'bullmq';
import { Pool, type PoolClient } from 'pg';
import { createTransport } from 'nodemailer';

const pool = new Pool();
const mails = new Queue('mails');
const transporter = createTransport({});

async function withTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } finally {
    client.release();
  }
}

async function welcome(address: string) {
  await transporter.sendMail({ to: address });
}

export async function register(req, res) {
  const user = await withTransaction(async (client) => {
    const { rows } = await client.query('insert into users (mail) values ($1) returning *', [req.body.mail]);
    await welcome(rows[0].mail);
    for (const friend of req.body.friends) await mails.add('invite', { friend });
    return rows[0];
  });
  await mails.add('registered', user);
  res.json(user);
}
