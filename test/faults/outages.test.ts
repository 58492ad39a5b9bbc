import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { isMissing, postgres, urlOf } from '../helpers/services.ts';
import { startTcpProxy, through, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { judge, type Verdict } from './judge.ts';
import { committedRevisions, isWorkedOff, observedFrom, startChanges } from './pipeline.ts';
import { ALL_WELL, grows, NOTHING_AMISS, PATIENCE_MS, rounds, usePipeline } from './use-pipeline.ts';

describe.skipIf(isMissing(postgres))('what is committed arrives, and nothing else', () => {
  let proxy: TcpProxy;

  // Hooks after a test run in reverse: the proxy goes on, the processes stop, the proxy closes.
  beforeEach(async () => {
    const { hostname, port } = new URL(urlOf(postgres));
    proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  });
  afterEach(() => proxy.close());
  const pipeline = usePipeline();
  const { run, head, report } = pipeline;
  afterEach(() => proxy.resume());

  it('when the database connections of the leader hang', async () => {
    const hanging = run({ url: through(proxy, pipeline.database.url) });
    await waitUntil(() => hanging.health().parts.every(({ state }) => state === 'active'));
    run();
    const changes = startChanges(pipeline.database.url, pipeline.random);
    const takeovers: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await grows(head);
      proxy.hang();
      const hungAt = performance.now();
      // What the frozen leader had sent may still be carried out.
      await sleep(50);
      await grows(() => pipeline.broker.observed.length);
      takeovers.push(Math.round(performance.now() - hungAt));
      proxy.resume();
    }
    await changes.stop();
    expect(
      await report('hanging connections', `, work went on after ${takeovers.join(', ')} ms`),
    ).toMatchObject(ALL_WELL);
    // The first takes over from one that hangs; a lease is 1 s here.
    expect(Math.max(...takeovers)).toBeLessThan(15_000);
  }, 180_000);

  it('when connections are cut in the middle of a commit', async () => {
    run();
    let [before, after] = [0, 0];
    proxy.judge = (sent) => {
      if (sent.includes('COMMIT') === false || pipeline.random() > 0.2) return 'forward';
      if (pipeline.random() < 0.5) {
        before += 1;
        return 'cut';
      }
      after += 1;
      return 'cut after answer';
    };
    const changes = startChanges(through(proxy, pipeline.database.url), pipeline.random);
    await waitUntil(() => before >= 5 * rounds && after >= 5 * rounds, PATIENCE_MS);
    await changes.stop();
    const verdicts = await report(
      'cut commits',
      `, ${before} cut before and ${after} after they were carried out`,
    );
    expect(verdicts).toMatchObject(ALL_WELL);
    const committed = await committedRevisions(pipeline.database.pool);
    // Those cut after the commit are in the table, and their clients do not know.
    expect(committed.length).toBe(changes.confirmed() + after);
  }, 180_000);

  it('when the connections of everybody are cut, again and again', async () => {
    const viaProxy = through(proxy, pipeline.database.url);
    run({ url: viaProxy });
    run({ url: viaProxy });
    const changes = startChanges(viaProxy, pipeline.random);
    for (let round = 0; round < 3 * rounds; round += 1) {
      await grows(head, 5);
      proxy.goDown();
      await sleep(50);
      proxy.resume();
    }
    await grows(head, 5);
    await changes.stop();
    expect(
      await report('connections cut', `, ${3 * rounds} times, ${changes.failed()} failures`),
    ).toMatchObject(ALL_WELL);
  }, 180_000);

  it('when the disk of the database is full for a while', async () => {
    run();
    // What PostgreSQL answers when it cannot extend a file; the transaction is gone with it.
    await pipeline.database.pool.query(`
      create table disk (is_full boolean not null); insert into disk values (false);
      create function refuse_when_full() returns trigger language plpgsql as $$ begin
        if (select is_full from disk) then
          raise exception using errcode = 'disk_full', message = 'could not extend file: No space left on device';
        end if;
        return new;
      end $$`);
    for (const table of [
      'events',
      'positions',
      'deliveries',
      'cursors',
      'leases',
      'dead_letters',
      'log_head',
    ]) {
      await pipeline.database.pool
        .query(`create trigger refuse_when_full before insert or update on evtgen.${table}
        for each row execute function refuse_when_full()`);
    }
    const changes = startChanges(pipeline.database.url, pipeline.random);
    for (let round = 0; round < rounds; round += 1) {
      await grows(head);
      await pipeline.database.pool.query('update disk set is_full = true');
      await grows(() => changes.failed());
      // Past the leases.
      await sleep(1_500);
      await pipeline.database.pool.query('update disk set is_full = false');
    }
    await grows(head);
    await changes.stop();
    expect(await report('disk full', `, ${rounds} times, ${changes.failed()} failures`)).toMatchObject(
      ALL_WELL,
    );
  }, 180_000);

  it('when one broker is down, and the other readers go on', async () => {
    let isDown = false;
    let refused = 0;
    const flaky = {
      ...pipeline.broker,
      async publish(events: Parameters<typeof pipeline.broker.publish>[0]) {
        // Half of the batch is there before it fails: the worst of both.
        if (isDown) await pipeline.broker.publish(events.slice(0, Math.ceil(events.length / 2)));
        if (isDown) refused += 1;
        if (isDown) throw new Error('connect ECONNREFUSED');
        return pipeline.broker.publish(events);
      },
    };
    const worker = run({ publishers: [flaky] });
    const changes = startChanges(pipeline.database.url, pipeline.random);
    await grows(() => pipeline.broker.observed.length);
    isDown = true;
    await waitUntil(() => refused > 1);
    const cursor = async (): Promise<number> =>
      Number(
        (await pipeline.database.pool.query(`select position from evtgen.cursors where reader = 'memory'`))
          .rows[0].position,
      );
    const stuckAt = await cursor();
    await grows(() => pipeline.receiver.requests.length, 50);
    expect(await cursor()).toBe(stuckAt);
    const publisher = worker.health().parts.find(({ name }) => name === 'reader:memory');
    expect(publisher?.state).toBe('failing');
    isDown = false;
    await changes.stop();
    const verdicts = await report('broker down', `, ${refused} batches refused`);
    expect(verdicts).toMatchObject(ALL_WELL);
    expect(verdicts.broker.duplicates).toBeGreaterThan(0);
  }, 180_000);

  it('shows a receiver nothing twice while nothing fails, however slow it is', async () => {
    const verdict = await deliverSlowly((sql) => sql);
    expect(verdict).toMatchObject({ ...NOTHING_AMISS, duplicates: 0 });
  }, 180_000);

  it('is found out when a retry ignores the lease of an attempt under way', async () => {
    const ignoring = (text: string): string =>
      text.replace(
        /due_at = now\(\) \+ \$(\d)::double precision/,
        'due_at = now() + 0 * $$$1::double precision',
      );
    const verdict = await deliverSlowly((sql: Sql) => ({
      ...sql,
      // Claims are made in transactions.
      transaction: (run) =>
        sql.transaction((tx) => run({ ...tx, query: (text, values) => tx.query(ignoring(text), values) })),
    }));
    expect(verdict.duplicates).toBeGreaterThan(0);
  }, 180_000);

  /** Two processes and an endpoint that refuses everything once, and takes its time. */
  async function deliverSlowly(sabotage: (sql: Sql) => Sql): Promise<Verdict> {
    const refused = new Set<string>();
    const accepted: string[] = [];
    pipeline.receiver.answer = async ({ headers, body }, response) => {
      const id = String(headers['webhook-id']);
      if (refused.has(id) === false) {
        refused.add(id);
        return void response.writeHead(503).end();
      }
      accepted.push(body.toString('utf8'));
      await sleep(50);
      response.writeHead(204).end();
    };
    run({ sabotage });
    run({ sabotage });
    const changes = startChanges(pipeline.database.url, pipeline.random);
    await waitUntil(() => changes.confirmed() >= 60, PATIENCE_MS);
    await changes.stop();
    await waitUntil(() => isWorkedOff(pipeline.database.pool), PATIENCE_MS);
    const observed = accepted.map((body) => observedFrom(JSON.parse(body)));
    return { ...judge(await committedRevisions(pipeline.database.pool), observed), reordered: [] };
  }
});
