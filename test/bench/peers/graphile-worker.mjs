import { Logger, makeWorkerUtils, run } from 'graphile-worker';

/** graphile-worker with its fastest settings: a local queue of 500 and joined completions. */
export async function createGraphileWorker(url, { concurrency }) {
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  let runner;
  return {
    /** @param jobs JSON texts */
    seed: (jobs) =>
      utils.withPgClient((client) =>
        client.query(
          `select graphile_worker.add_jobs(array(
             select row('bench', job::json, null, null, null, null, null, null)::graphile_worker.job_spec
               from unnest($1::text[]) job))`,
          [jobs],
        ),
      ),
    /** Calls `take` with each job, parsed. */
    async start(take) {
      runner = await run({
        connectionString: url,
        concurrency,
        maxPoolSize: 12,
        pollInterval: 500,
        noHandleSignals: true,
        logger,
        preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        taskList: { bench: take },
      });
    },
    async close() {
      await runner.stop();
      await utils.release();
    },
  };
}
