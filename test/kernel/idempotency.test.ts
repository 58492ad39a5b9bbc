import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOnce } from '../../src/kernel/idempotency.ts';
import type { CreateOnce } from '../../src/kernel/idempotency.ts';
import { ProblemError } from '../../src/kernel/problem.ts';
import type { IdempotencyStore } from '../../src/kernel/idempotency.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import { openWebhooksApp } from '../helpers/webhooks-app.ts';
import type { Answer, Json, WebhooksApp } from '../helpers/webhooks-app.ts';

describe.each(databaseKinds)('idempotency keys on $kind', ({ open }) => {
  let database: TestDatabase;
  let app: WebhooksApp;
  let keys: IdempotencyStore;

  beforeAll(async () => {
    database = await open();
    app = await openWebhooksApp(database);
    keys = app.store.idempotencyKeys;
  });

  afterAll(async () => {
    await app.close();
    await database.close();
  });

  beforeEach(() => resetDatabase(database.sql));

  const create = (key: string, more: Json = {}, tenant = 'acme'): Promise<Answer> =>
    app.create(more, { tenant, headers: { 'idempotency-key': key } });

  const countOf = async (table: string): Promise<unknown> => {
    const { rows } = await database.sql.query(`select count(*)::int as count from evtgen.${table}`, []);
    return rows[0]?.['count'];
  };

  const expire = (column: 'leased_until' | 'expires_at'): Promise<unknown> =>
    database.sql.query(`update evtgen.idempotency_keys set ${column} = now() - interval '1 second'`, []);

  it('give the same subscription again, without the secret', async () => {
    const first = await create('order-service-1');
    expect([first.status, first.body['secret']]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const again = await create('order-service-1');
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ ...first.body, secret: null, isRepeat: true });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await countOf('subscriptions')).toBe(1);
    const { rows } = await database.sql.query(`select * from evtgen.idempotency_keys`, []);
    expect(JSON.stringify(rows)).not.toContain('whsec_');
  });

  it('are of one tenant each, and another key is another request', async () => {
    const ids = [await create('k'), await create('k', {}, 'globex'), await create('l')].map(
      ({ body }) => body['id'],
    );
    expect(new Set(ids).size).toBe(3);
    expect(await countOf('subscriptions')).toBe(3);
  });

  it('refuse another body with 422', async () => {
    await create('k');
    const refused = await create('k', { description: 'another' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await countOf('subscriptions')).toBe(1);
  });

  it.each(['', ' ', 'é', 'k'.repeat(256)])('refuse the key %j with 400', async (key) => {
    expect(await create(key)).toMatchObject({ status: 400, body: { code: 'bad_idempotency_key' } });
    expect(await countOf('subscriptions')).toBe(0);
  });

  it('take 255 characters', async () => {
    expect((await create('k'.repeat(255))).status).toBe(201);
  });

  it('are free again after a refused request, for a corrected one', async () => {
    expect((await create('k', { url: 'nonsense' })).status).toBe(422);
    expect(await countOf('idempotency_keys')).toBe(0);
    expect((await create('k')).status).toBe(201);
  });

  it('create once however many requests come together', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('k')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => [200, 201, 409].includes(status))).toBe(true);
    for (const { status, body, headers } of answers) {
      if (status !== 409) continue;
      expect([body['code'], headers.get('retry-after')]).toEqual(['request_in_progress', '1']);
    }
    expect(await countOf('subscriptions')).toBe(1);
  });

  it('answer 410 when what they created is deleted', async () => {
    const { body } = await create('k');
    await app.call('DELETE', `/webhooks/${String(body['id'])}`);
    expect(await create('k')).toMatchObject({ status: 410, body: { code: 'gone' } });
  });

  it('are forgotten after a day, and what is forgotten is purged', async () => {
    const first = await create('k');
    await create('l');
    await expire('expires_at');
    const second = await create('k', { description: 'another' });
    expect(second.status).toBe(201);
    expect(second.body['id']).not.toBe(first.body['id']);
    expect(await countOf('idempotency_keys')).toBe(1);
  });

  describe('of a request that died on the way', () => {
    const once = (run: Partial<CreateOnce<{ id: string }>>): CreateOnce<{ id: string }> => ({
      keys,
      tenant: undefined,
      key: 'k',
      fingerprint: ['POST', '/orders'],
      createId: () => 'ord_1',
      create: (id) => Promise.resolve({ id }),
      find: () => Promise.resolve(undefined),
      ...run,
    });
    const died = (): Promise<never> => Promise.reject(new Error('the connection was cut'));

    it('stand in the way for no longer than their lease', async () => {
      await expect(createOnce(once({ create: died }))).rejects.toThrow('cut');
      await expect(createOnce(once({}))).rejects.toMatchObject({ problem: { status: 409 } });
      await expire('leased_until');
      expect(await createOnce(once({ createId: () => 'ord_2' }))).toEqual({
        resource: { id: 'ord_1' },
        isRepeat: false,
      });
    });

    it('find what it had created, and create nothing else', async () => {
      await expect(createOnce(once({ create: died }))).rejects.toThrow('cut');
      await expire('leased_until');
      const find = (id: string): Promise<{ id: string }> => Promise.resolve({ id });
      expect(await createOnce(once({ create: died, find }))).toEqual({
        resource: { id: 'ord_1' },
        isRepeat: true,
      });
      expect(await createOnce(once({ create: died, find }))).toMatchObject({ isRepeat: true });
    });

    it('refuse another request nevertheless', async () => {
      await expect(createOnce(once({ create: died }))).rejects.toThrow('cut');
      await expire('leased_until');
      const other = createOnce(once({ fingerprint: ['POST', '/refunds'] }));
      await expect(other).rejects.toMatchObject({ problem: { status: 422 } });
    });

    it('are not released by a refusal after somebody else has completed them', async () => {
      const refused = createOnce(
        once({
          async create() {
            await keys.complete(undefined, 'k');
            throw new ProblemError({ status: 422, code: 'late', detail: 'too late' });
          },
        }),
      );
      await expect(refused).rejects.toThrow('too late');
      expect(await countOf('idempotency_keys')).toBe(1);
    });
  });
});
