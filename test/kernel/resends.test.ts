import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseKinds } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import type { EventParts } from '../helpers/events.ts';
import { always } from '../helpers/receiver.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { openWebhooksApp } from '../helpers/webhooks-app.ts';
import type { Answer, Json, WebhooksApp } from '../helpers/webhooks-app.ts';

describe.each(databaseKinds)('sending again on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let app: WebhooksApp;

  beforeAll(async () => {
    app = await openWebhooksApp(database);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.receiver.requests.length = 0;
    app.receiver.answer = always(204);
  });

  const deliveriesOf = async (path: string, query = ''): Promise<Json[]> =>
    (await app.call('GET', `${path}/deliveries${query}`)).body['data'] as Json[];

  const statesOf = async (path: string): Promise<unknown[]> =>
    (await deliveriesOf(path)).map((delivery) => delivery['state']);

  /** Emits and waits until the fan-out has passed all of it. */
  async function emitted(...events: EventParts[]): Promise<string[]> {
    const ids: string[] = [];
    for (const event of events) ids.push(await app.emit(event));
    await eventually('the fan-out is through', async () => {
      const [cursor] = (await app.store.cursors.list()).filter(({ reader }) => reader === 'webhooks');
      const { rows } = await database.sql.query(`select count(*)::int as count from evtgen.events`, []);
      return cursor?.lag === 0 && cursor.position === rows[0]?.['count'];
    });
    return ids;
  }

  const settled = (path: string, state: string, count: number): Promise<true> =>
    eventually(`${count} are ${state}`, async () => {
      const states = await statesOf(path);
      return states.length === count && states.every((each) => each === state);
    });

  const resend = (path: string, eventId: string, tenant = 'acme'): Promise<Answer> =>
    app.call('POST', `${path}/deliveries/${encodeURIComponent(eventId)}/resend`, { tenant });

  const recover = (path: string, body: Json): Promise<Answer> =>
    app.call('POST', `${path}/recover`, { body });

  describe('a list of deliveries', () => {
    it('is filtered by state and event type, and paged', async () => {
      const path = await app.subscribe({ eventTypes: ['order.*'] });
      await app.withWorker(async () => {
        await emitted({}, { eventType: 'order.paid' }, {});
        await settled(path, 'delivered', 3);
      });
      expect(await deliveriesOf(path, '?eventType=order.paid')).toMatchObject([{ position: 2 }]);
      expect(await deliveriesOf(path, '?eventType=order.*')).toHaveLength(3);
      expect(await deliveriesOf(path, '?state=delivered')).toHaveLength(3);
      expect(await deliveriesOf(path, '?state=exhausted')).toEqual([]);
      const page = await app.call('GET', `${path}/deliveries?eventType=order.created&limit=1`);
      expect(page.body['data']).toMatchObject([{ position: 3 }]);
      const next = `&cursor=${String(page.body['nextCursor'])}`;
      const last = await app.call('GET', `${path}/deliveries?eventType=order.created&limit=1${next}`);
      expect(last.body).toMatchObject({ data: [{ position: 1 }], nextCursor: null });
      for (const query of ['state=lost', 'eventType=*.paid', 'cursor=YWJj', 'limit=1e1']) {
        expect((await app.call('GET', `${path}/deliveries?${query}`)).status).toBe(400);
      }
    });

    it('tells pending from parked ones by the state of the subscription', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        app.receiver.answer = always(500);
        await emitted({});
      }, [3_600_000]);
      expect(await deliveriesOf(path, '?state=pending')).toHaveLength(1);
      expect(await deliveriesOf(path, '?state=parked')).toEqual([]);
      await app.call('POST', `${path}/disable`);
      expect(await deliveriesOf(path, '?state=pending')).toEqual([]);
      expect(await deliveriesOf(path, '?state=parked')).toMatchObject([{ nextAttemptAt: null }]);
    });

    it('leads to each delivery with its event, also by an id that a URL cannot hold as it is', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        await emitted({ eventId: 'order/1 50%', data: { total: 7 } });
        await settled(path, 'delivered', 1);
      });
      const one = `${path}/deliveries/${encodeURIComponent('order/1 50%')}`;
      const shown = await app.call('GET', one);
      expect(shown.body).toMatchObject({
        eventId: 'order/1 50%',
        state: 'delivered',
        attempts: [{ status: 204 }],
        event: { eventId: 'order/1 50%', position: 1, data: { total: 7 } },
      });
      await database.sql.query(`delete from evtgen.positions`, []);
      expect((await app.call('GET', one)).body).toMatchObject({ state: 'delivered', event: null });
      expect((await app.call('GET', `${path}/deliveries/none`)).status).toBe(404);
    });
  });

  describe('a resend', () => {
    it('makes any ended delivery due again, with its webhook-id and without counting', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        const [eventId = ''] = await emitted({});
        await settled(path, 'delivered', 1);
        app.receiver.answer = always(500);
        const answer = await resend(path, eventId);
        expect(answer).toMatchObject({ status: 202, body: { eventId, state: 'pending', isReplay: true } });
        await settled(path, 'exhausted', 1);
        // A full budget again: one attempt and one retry.
        expect((await deliveriesOf(path))[0]?.['attempts']).toHaveLength(3);
        expect((await app.call('GET', path)).body['failureCount']).toBe(0);
        app.receiver.answer = always(204);
        expect((await resend(path, eventId)).status).toBe(202);
        await settled(path, 'delivered', 1);
        expect(new Set(app.receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
          new Set([eventId]),
        );
      });
    });

    it('concludes the dead letter of the delivery', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        app.receiver.answer = always(500);
        const [eventId = ''] = await emitted({});
        await settled(path, 'exhausted', 1);
        app.receiver.answer = always(204);
        await resend(path, eventId);
        await settled(path, 'delivered', 1);
      });
      const { rows } = await database.sql.query(
        `select count(*)::int as open from evtgen.dead_letters where replayed_at is null`,
        [],
      );
      expect(rows).toEqual([{ open: 0 }]);
    });

    it('delivers an event from before the subscription that its filter takes, and no other', async () => {
      await app.withWorker(async () => {
        const [own = '', other = '', internal = '', foreign = ''] = await emitted(
          {},
          { eventType: 'user.updated' },
          { audience: 'internal' },
          { tenant: 'globex' },
        );
        const path = await app.subscribe();
        for (const eventId of [other, internal, foreign, 'none']) {
          expect((await resend(path, eventId)).status).toBe(404);
        }
        expect((await resend(path, own)).status).toBe(202);
        await settled(path, 'delivered', 1);
        expect(app.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([own]);
      });
    });

    it('is refused while an attempt is to come, and while the subscription is stopped', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        app.receiver.answer = always(500);
        const [eventId = ''] = await emitted({});
        expect(await resend(path, eventId)).toMatchObject({
          status: 409,
          body: { code: 'already_pending' },
        });
        await app.call('POST', `${path}/disable`);
        expect(await resend(path, eventId)).toMatchObject({
          status: 409,
          body: { code: 'subscription_not_active' },
        });
        await app.call('POST', `${path}/enable`);
        // What was passed over on enabling is sent again like anything else.
        app.receiver.answer = always(204);
        expect((await resend(path, eventId)).status).toBe(202);
        await settled(path, 'delivered', 1);
      }, [3_600_000]);
    });

    it('is refused for an event that the fan-out has yet to take, or it would be sent twice', async () => {
      const path = await app.subscribe();
      const eventId = await app.emit();
      const lease = await app.store.leases.acquire('sequencer', 'here', 60_000);
      if (lease === undefined) throw new Error('somebody else stamps');
      await app.store.log.stamp(lease, 10);
      await app.store.leases.release(lease);
      expect(await resend(path, eventId)).toMatchObject({
        status: 409,
        body: { code: 'not_attempted_yet' },
      });
      await app.withWorker(() => settled(path, 'delivered', 1));
      expect(app.receiver.requests).toHaveLength(1);
    });

    it('takes no body', async () => {
      const path = await app.subscribe();
      const answer = await app.call('POST', `${path}/deliveries/none/resend`, { body: { force: true } });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/force' }] } });
    });
  });

  describe('a recovery', () => {
    it('makes due what was given up, passed over or never sent, and nothing that was delivered', async () => {
      await app.withWorker(async () => {
        const [early = ''] = await emitted({});
        const path = await app.subscribe();
        const [delivered = ''] = await emitted({});
        await settled(path, 'delivered', 1);
        app.receiver.answer = always(500);
        const [exhausted = ''] = await emitted({});
        await eventually('it is given up', async () => (await statesOf(path))[0] === 'exhausted');
        await app.call('POST', `${path}/disable`);
        const [missed = ''] = await emitted({}, { tenant: 'globex' }, { audience: 'internal' });
        await app.call('POST', `${path}/enable`);
        app.receiver.answer = always(204);
        app.receiver.requests.length = 0;

        const answer = await recover(path, { sincePosition: 1 });
        expect(answer).toMatchObject({ status: 202, body: { recovered: 2, nextSincePosition: null } });
        await settled(path, 'delivered', 3);
        const received = app.receiver.requests.map(({ headers }) => headers['webhook-id']);
        expect(received.toSorted()).toEqual([exhausted, missed].toSorted());
        // Once more does no harm; from further back it takes what is from before the subscription.
        expect((await recover(path, { sincePosition: 1 })).body).toMatchObject({ recovered: 0 });
        expect((await recover(path, { sincePosition: 0 })).body).toMatchObject({ recovered: 1 });
        await settled(path, 'delivered', 4);
        expect(app.receiver.requests.at(-1)?.headers['webhook-id']).toBe(early);
        expect(received).not.toContain(delivered);
      });
    });

    it('takes a range, some types, and what was delivered too, where that is asked for', async () => {
      const path = await app.subscribe({ eventTypes: ['order.*'] });
      await app.withWorker(async () => {
        await emitted({}, { eventType: 'order.paid' }, {}, { eventType: 'order.paid' });
        await settled(path, 'delivered', 4);
        const again = { sincePosition: 0, isDeliveredToo: true };
        const recovered = async (body: Json) => (await recover(path, body)).body['recovered'];
        expect(await recovered({ ...again, isDeliveredToo: false })).toBe(0);
        expect(await recovered({ ...again, eventTypes: ['order.created'], untilPosition: 2 })).toBe(1);
        await settled(path, 'delivered', 4);
        expect(await recovered({ ...again, eventTypes: ['order.*'], untilPosition: 3 })).toBe(3);
        await settled(path, 'delivered', 4);
        expect(await recovered({ ...again, sincePosition: 3 })).toBe(1);
        await eventually('all have arrived', async () => app.receiver.requests.length === 9);
      });
    });

    it('begins at the first event that was recorded at the time or later', async () => {
      const path = await app.subscribe();
      await app.withWorker(async () => {
        await emitted({}, {}, {});
        await settled(path, 'delivered', 3);
      });
      await database.sql.query(`update evtgen.deliveries set state = 'skipped'`, []);
      await database.sql.query(
        `update evtgen.events e set recorded_at = timestamptz '2026-01-01T00:00:00Z' + l.position * interval '1 day'
           from evtgen.log l where l.insert_id = e.insert_id`,
        [],
      );
      expect((await recover(path, { since: '2026-01-05T00:00:00Z' })).body).toMatchObject({ recovered: 0 });
      expect((await recover(path, { since: '2026-01-03T01:00:00+01:00' })).body).toMatchObject({
        recovered: 2,
      });
      expect((await recover(path, { since: '2020-01-01T00:00:00.5Z' })).body).toMatchObject({ recovered: 1 });
    });

    it.each<[Json, string]>([
      [{}, '#'],
      [{ since: '2026-01-01T00:00:00Z', sincePosition: 0 }, '#'],
      [{ since: '2026-01-01' }, '#/since'],
      [{ since: '2026-01-01T00:00:00' }, '#/since'],
      [{ since: '2026-13-01T00:00:00Z' }, '#/since'],
      [{ since: 5 }, '#/since'],
      [{ sincePosition: -1 }, '#/sincePosition'],
      [{ sincePosition: '0' }, '#/sincePosition'],
      [{ sincePosition: 0, only: 'undelivered' }, '#/only'],
      [{ sincePosition: 0, untilPosition: -1 }, '#/untilPosition'],
      [{ sincePosition: 0, eventTypes: 'order.*' }, '#/eventTypes'],
      [{ sincePosition: 0, eventTypes: ['order'] }, '#/eventTypes'],
      [{ sincePosition: 0, isDeliveredToo: 1 }, '#/isDeliveredToo'],
    ])('is refused for %j', async (body, pointer) => {
      const refused = await recover(await app.subscribe(), body);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    });

    it('is refused while the subscription is stopped', async () => {
      const path = await app.subscribe();
      await app.call('POST', `${path}/disable`);
      const refused = await recover(path, { sincePosition: 0 });
      expect(refused).toMatchObject({ status: 409, body: { code: 'subscription_not_active' } });
    });
  });
});
