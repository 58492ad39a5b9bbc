import { beforeEach, describe, expect, test } from 'vitest';
import { createDeadLetters } from '../../src/kernel/dead-letter.ts';
import type { ReplayPage } from '../../src/kernel/dead-letter.ts';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { customer, openShop, registry } from '../helpers/letters.ts';
import type { Json, Shop } from '../helpers/letters.ts';
import { always } from '../helpers/receiver.ts';

describe.each(databaseKinds)('dead letters on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop(database);
    return () => shop.close();
  });

  const call: Shop['call'] = (...parts) => shop.call(...parts);
  const listed = async (query = '', headers?: Record<string, string>): Promise<Json[]> =>
    (await call('GET', `/dead-letters${query}`, undefined, headers)).body['data'] as Json[];

  /** An event that its schema refuses. */
  async function refuse(event: Json = {}): Promise<string> {
    const input = { data: { total: -1 }, tenant: 'acme', subject: 'ord_1', actor: 'usr_7', ...event };
    const { eventId } = await database.sql.transaction((tx) =>
      shop.emitter.emit(tx, 'order.created', input as { data: Json }),
    );
    return eventId;
  }

  /** As if the schema had been corrected: what is stored satisfies it now. */
  const mend = () =>
    database.sql.query(`update evtgen.dead_letters set body = replace(body, '"total":-1', '"total":1')`, []);

  test('show all attempts, and a replay has a fresh budget and the same webhook-id', async () => {
    await shop.working(async () => {
      const { letterId, subscriptionId, eventId } = await shop.exhaust({ actor: 'usr_7' });
      const path = `/dead-letters/${letterId}`;
      const { body } = await call('GET', path);
      expect(body).toMatchObject({
        id: letterId,
        kind: 'delivery_exhausted',
        subscriptionId,
        eventId,
        subject: 'ord_1',
        tenant: 'acme',
        actor: 'usr_7',
        position: 1,
        error: 'HTTP 500',
        replayedAt: null,
        event: { eventId, data: { total: 1 } },
      });
      expect(body['attempts']).toMatchObject([
        { status: 500, body: 'broken' },
        { status: 500, body: 'broken' },
      ]);
      expect(await call('POST', `${path}/replay`)).toMatchObject({ status: 202, body: { id: letterId } });
      await eventually('it arrived', () => shop.receiver.requests.length === 3);
      expect(shop.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([
        eventId,
        eventId,
        eventId,
      ]);
      expect(await call('POST', `${path}/replay`)).toMatchObject({
        status: 409,
        body: { code: 'already_replayed' },
      });
      expect(await listed()).toEqual([]);
      expect(await listed('?state=replayed')).toMatchObject([{ id: letterId }]);
    });
  });

  test('open again when the replay fails too, with all attempts', async () => {
    await shop.working(async () => {
      const { letterId, subscriptionId } = await shop.exhaust();
      shop.receiver.answer = always(503, 'still broken');
      await call('POST', `/dead-letters/${letterId}/replay`);
      await eventually('it is open again', async () => (await listed()).length === 1);
      const { body } = await call('GET', `/dead-letters/${letterId}`);
      expect((body['attempts'] as Json[]).map(({ status }) => status)).toEqual([500, 500, 503, 503]);
      expect(body['error']).toBe('HTTP 503');
      expect((await shop.store.subscriptions.find('acme', subscriptionId))?.failureCount).toBe(1);
    });
  });

  test('stay readable when their subscription is deleted, and cannot be replayed then', async () => {
    await shop.working(async () => {
      const { letterId, subscriptionId } = await shop.exhaust();
      await shop.store.subscriptions.remove('acme', subscriptionId);
      const path = `/dead-letters/${letterId}`;
      expect((await call('GET', path)).body['attempts']).toHaveLength(2);
      expect(await call('POST', `${path}/replay`)).toMatchObject({
        status: 409,
        body: { code: 'subscription_not_active', detail: 'the subscription is deleted' },
      });
      expect((await call('DELETE', path)).status).toBe(204);
      expect((await call('GET', path)).status).toBe(404);
    });
  });

  test('of a delivery that was sent anew all the same are closed, not sent once more', async () => {
    await shop.working(async () => {
      const { letterId } = await shop.exhaust();
      await database.sql.query(`update evtgen.deliveries set state = 'delivered'`, []);
      const refused = await call('POST', `/dead-letters/${letterId}/replay`);
      expect(refused).toMatchObject({ status: 409, body: { code: 'already_replayed' } });
      expect(await listed()).toEqual([]);
      expect(shop.receiver.requests).toHaveLength(2);
    });
  });

  test('of the pipeline are validated again and emitted as they were, actor and all', async () => {
    const eventId = await refuse();
    const [letter] = await listed('?kind=pipeline_error');
    expect(letter).toMatchObject({ kind: 'pipeline_error', stage: 'emit', eventId, position: null });
    const path = `/dead-letters/${String(letter?.['id'])}`;
    expect((await call('GET', path)).body).toMatchObject({ actor: 'usr_7', event: { data: { total: -1 } } });
    const refused = await call('POST', `${path}/replay`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'still_invalid' } });
    expect(String(refused.body['detail'])).toContain('must be positive');
    await mend();
    await shop.subscribe('sub');
    await shop.working(async () => {
      expect((await call('POST', `${path}/replay`)).status).toBe(202);
      await eventually('it arrived', () => shop.receiver.requests.length === 1);
    });
    expect(JSON.parse(String(shop.receiver.requests[0]?.body))).toMatchObject({ eventId, subject: 'ord_1' });
    const { rows } = await database.sql.query(`select actor, tenant from evtgen.log`, []);
    expect(rows).toEqual([{ actor: 'usr_7', tenant: 'acme' }]);
    expect((await call('POST', `${path}/replay`)).status).toBe(409);
  });

  test('of the pipeline are judged by the limits that the emitter has', async () => {
    const [first, second] = [await refuse(), await refuse({ tenant: undefined })];
    await mend();
    const options = { store: shop.store, registry };
    const idOf = async (eventId: string): Promise<string> =>
      String((await listed()).find((letter) => letter['eventId'] === eventId)?.['id']);
    const small = createDeadLetters<SqlClient>({ ...options, maxEventBytes: 50 });
    expect(await small.replay('all', await idOf(first))).toMatchObject({ code: 'still_invalid' });
    const strict = createDeadLetters<SqlClient>({ ...options, isTenantRequired: true });
    expect(await strict.replay('all', await idOf(second))).toMatchObject({
      code: 'still_invalid',
      detail: expect.stringContaining('tenant: is missing'),
    });
  });

  test('of the pipeline whose event id was used for other content meanwhile are refused, not a failure', async () => {
    await refuse({ eventId: 'chosen' });
    await refuse({ eventId: 'chosen', data: { total: 2 } });
    await mend();
    expect(await call('POST', '/dead-letters/replay', {})).toMatchObject({
      status: 202,
      body: { replayed: 0, refused: [{ code: 'event_id_taken' }], remaining: 0, nextCursor: null },
    });
    const [letter] = await listed();
    const one = await call('POST', `/dead-letters/${String(letter?.['id'])}/replay`);
    expect(one).toMatchObject({ status: 409, body: { code: 'event_id_taken' } });
  });

  describe('of a broker', () => {
    /** Refuses the first event, and reports what came after it. */
    async function setAside(): Promise<string> {
      const refused = await shop.emit();
      const accept = shop.broker.publish;
      shop.broker.publish = (events) => {
        if (events.some(({ eventId }) => eventId === refused))
          throw new UnpublishableError(refused, 'too large');
        return accept(events);
      };
      await shop.emit({ eventType: 'order.paid' });
      await eventually('the broker passed over it', () => shop.published.length === 1);
      return refused;
    }

    test('are published again without their position, which consumers would drop', async () => {
      await shop.working(async () => {
        const accept = shop.broker.publish;
        const eventId = await setAside();
        const [letter] = await listed();
        expect(letter).toMatchObject({ stage: 'publish', reader: 'redis-streams', eventId, position: 1 });
        expect(shop.alerts).toMatchObject([{ deadLetterId: letter?.['id'], reader: 'redis-streams' }]);
        shop.broker.publish = accept;
        expect((await call('POST', `/dead-letters/${String(letter?.['id'])}/replay`)).status).toBe(202);
        await eventually('it is published', () => shop.published.length === 2);
        expect(shop.published[1]).toMatchObject({ eventId, position: undefined });
        await eventually('its mark is gone', async () => {
          const { rows } = await database.sql.query(
            `select from evtgen.dead_letters where is_republishing`,
            [],
          );
          return rows.length === 0;
        });
      });
    });

    test('open again when the broker refuses them again', async () => {
      await shop.working(async () => {
        await setAside();
        const [letter] = await listed();
        await call('POST', `/dead-letters/${String(letter?.['id'])}/replay`);
        await eventually('it is refused again', () => shop.alerts.length === 2);
        await eventually('it is open again', async () => (await listed()).length === 1);
        expect(shop.published).toHaveLength(1);
      });
    });

    test('wait while the broker is down, and no database transaction waits with them', async () => {
      await shop.working(async () => {
        const accept = shop.broker.publish;
        const eventId = await setAside();
        let attempts = 0;
        shop.broker.publish = () => {
          attempts += 1;
          throw new Error('connect ECONNREFUSED');
        };
        const [letter] = await listed();
        await call('POST', `/dead-letters/${String(letter?.['id'])}/replay`);
        await eventually('it was tried', () => attempts > 0);
        expect(await listed()).toEqual([]);
        // What awaits its broker is not purged away.
        expect((await call('POST', '/dead-letters/purge', { state: 'replayed' })).body['purged']).toBe(0);
        shop.broker.publish = accept;
        await eventually('it is published', () => shop.published.some((event) => event.eventId === eventId));
      });
    });
  });

  describe('by filter', () => {
    /** Eight letters: of two tenants, two types and two kinds each. */
    async function fill(): Promise<void> {
      for (const tenant of ['acme', 'other']) {
        for (const eventType of ['order.created', 'order.paid']) {
          for (const stage of ['emit', null]) {
            await database.sql.query(
              `insert into evtgen.dead_letters
                 (id, kind, stage, subscription_id, event_id, event_type, version, tenant, body, error, created_at)
               values ($1, $2, $3, $4, $1, $5, 1, $6, '{"data":{"total":-1}}', 'no', $7)`,
              [
                `${tenant}-${eventType.slice(6)}-${stage ?? 'delivery'}`,
                stage === null ? 'delivery_exhausted' : 'pipeline_error',
                stage,
                stage === null ? `sub-${tenant}` : null,
                eventType,
                tenant,
                eventType === 'order.paid' ? '2026-01-02T00:00:00Z' : '2026-01-01T00:00:00Z',
              ],
            );
          }
        }
      }
    }

    test.each<[string, number]>([
      ['', 8],
      ['?tenant=acme', 4],
      ['?tenant=acme&kind=pipeline_error', 2],
      ['?eventType=order.paid', 4],
      ['?eventType=order.*', 8],
      ['?eventType=user.*', 0],
      ['?subscriptionId=sub-other', 2],
      ['?createdAfter=2026-01-02T00:00:00Z', 4],
      ['?createdBefore=2026-01-02T00:00:00Z&kind=delivery_exhausted', 2],
      ['?createdAfter=2026-01-02T02:00:00%2B02:00', 4],
      ['?state=replayed', 0],
    ])('GET %s finds %i', async (query, count) => {
      await fill();
      expect(await listed(query)).toHaveLength(count);
      const purge = Object.fromEntries(new URLSearchParams(query));
      const { body } = await call('POST', '/dead-letters/purge', query === '' ? { state: 'open' } : purge);
      expect(body).toEqual({ purged: count, remaining: 0 });
      expect(await listed()).toHaveLength(8 - count);
    });

    test.each<[Json, string]>([
      [{ kinds: 'pipeline_error' }, '#/kinds'],
      [{ kind: 'poison' }, '#/kind'],
      [{ eventType: 'order' }, '#/eventType'],
      [{ eventType: '\0' }, '#/eventType'],
      [{ subscriptionId: 'a\0' }, '#/subscriptionId'],
      [{ createdBefore: 'yesterday' }, '#/createdBefore'],
      [{ createdBefore: '2026-01-01T00:00:00' }, '#/createdBefore'],
      [{ limit: 0 }, '#/limit'],
      [{ limit: 1.5 }, '#/limit'],
      [{ cursor: '%' }, '#/cursor'],
      [{ kind: 5 }, '#/kind'],
    ])('a replay or purge by %j is refused', async (filter, pointer) => {
      for (const path of ['/dead-letters/replay', '/dead-letters/purge']) {
        const { status, body } = await call('POST', path, filter);
        expect([status, (body['errors'] as Json[]).map((error) => error['pointer'])]).toEqual([
          422,
          [pointer],
        ]);
      }
    });

    test('a list by a filter that means nothing is refused, and so is a purge of everything by accident', async () => {
      for (const query of [
        '?kind=x',
        '?eventType=%00',
        '?subscriptionId=a%00',
        '?createdAfter=1',
        '?state=x',
      ]) {
        expect((await call('GET', `/dead-letters${query}`)).status).toBe(400);
      }
      expect((await call('POST', '/dead-letters/purge', {})).status).toBe(422);
      expect((await call('POST', '/dead-letters/replay', { state: 'replayed' })).status).toBe(422);
    });

    test('customers have their own and no pipeline errors; nobody else chooses a tenant', async () => {
      await fill();
      const acme = customer('acme');
      expect((await listed('', acme)).map((letter) => letter['id'])).toEqual([
        'acme-created-delivery',
        'acme-paid-delivery',
      ]);
      expect(await listed('?kind=pipeline_error', acme)).toEqual([]);
      expect((await listed('?tenant=acme', acme)).length).toBe(2);
      expect((await call('GET', '/dead-letters?tenant=other', undefined, acme)).status).toBe(403);
      const operatorOfAcme = { ...acme, 'x-operator': 'yes' };
      expect((await listed('', operatorOfAcme)).length).toBe(4);
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/replay'],
        ['DELETE', ''],
      ] as const) {
        for (const id of ['other-paid-delivery', 'acme-paid-emit']) {
          expect((await call(method, `/dead-letters/${id}${path}`, undefined, acme)).status).toBe(404);
        }
      }
      for (const path of ['/dead-letters/replay', '/dead-letters/purge']) {
        const kind = 'pipeline_error';
        expect((await call('POST', path, { kind }, acme)).body).toMatchObject({ code: 'operators_only' });
        expect((await call('POST', path, { tenant: 'other' }, acme)).status).toBe(403);
      }
      expect((await call('POST', '/dead-letters/purge', { state: 'open' }, acme)).body['purged']).toBe(2);
      expect(await listed()).toHaveLength(6);
    });

    test('a replay goes page by page and says how far it is', async () => {
      await shop.working(async () => {
        const ids: string[] = [];
        for (const tenant of ['acme', 'beta', 'gamma']) ids.push((await shop.exhaust({ tenant })).letterId);
        await shop.store.subscriptions.stop('sub-1', 'disabled', 'by its owner');
        const first = await call('POST', '/dead-letters/replay', { limit: 2 });
        expect(first).toMatchObject({
          status: 202,
          body: { replayed: 1, refused: [{ id: ids[1], code: 'subscription_not_active' }], remaining: 1 },
        });
        const rest = { limit: 2, cursor: first.body['nextCursor'] };
        expect((await call('POST', '/dead-letters/replay', rest)).body).toEqual({
          replayed: 1,
          refused: [],
          remaining: 0,
          nextCursor: null,
        });
        await eventually('two arrived', () => shop.receiver.requests.length === 8);
      });
    });

    test('a replay of all tells of each page, and goes on only as far as it is asked to', async () => {
      await database.sql.query(
        `insert into evtgen.dead_letters (id, kind, stage, event_id, event_type, version, body, error)
         select 'dl-' || lpad(n::text, 4, '0'), 'pipeline_error', 'emit', 'e-' || n, 'order.created', 1,
                '{"source":"/orders-api","timestamp":"2026-01-01T00:00:00Z","data":{"total":1}}', 'no'
           from generate_series(1, 1001) n`,
        [],
      );
      const letters = createDeadLetters<SqlClient>({ store: shop.store, registry });
      const stopped = letters.replayAll('all');
      expect((await stopped.next()).value).toMatchObject({ replayed: 500, remaining: 501 });
      await stopped.return();
      const pages: ReplayPage[] = [];
      for await (const page of letters.replayAll('all')) pages.push(page);
      expect(pages.map(({ replayed, remaining }) => [replayed, remaining])).toEqual([
        [500, 1],
        [1, 0],
      ]);
      expect(await listed('?state=replayed&limit=1')).toHaveLength(1);
    });
  });
});
