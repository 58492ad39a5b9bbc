import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** BullMQ with 50 jobs at once. Its jobs are in Redis from the start: no transaction of the application covers them. */
export async function createBullMq(url, { concurrency }) {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  await redis.flushall();
  const queue = new Queue('bench', { connection: redis });
  let worker;
  return {
    /** @param jobs JSON texts */
    seed: (jobs) =>
      queue.addBulk(
        jobs.map((job) => ({ name: 'bench', data: JSON.parse(job), opts: { removeOnComplete: true } })),
      ),
    /** Calls `take` with each job's data. */
    async start(take) {
      worker = new Worker('bench', (job) => take(job.data), { connection: redis, concurrency });
      await worker.waitUntilReady();
    },
    async close() {
      await worker.close(true);
      await queue.close();
      redis.disconnect();
    },
  };
}
