import { PgBoss } from 'pg-boss';

/** pg-boss with its fastest settings: full batches follow one another without a pause. */
export async function createPgBoss(url, { batchSize }) {
  const boss = new PgBoss({ connectionString: url, max: 10, supervise: false, schedule: false });
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  await boss.createQueue('bench');
  return {
    /** @param jobs JSON texts */
    seed: (jobs) =>
      boss.insert(
        'bench',
        jobs.map((job) => ({ data: JSON.parse(job) })),
      ),
    /** Calls `take` with the data of each batch. */
    start: (take) =>
      boss.work('bench', { batchSize, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }, (jobs) =>
        take(jobs.map((job) => job.data)),
      ),
    close: () => boss.stop({ graceful: false }),
  };
}
