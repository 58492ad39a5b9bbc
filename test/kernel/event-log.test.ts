import { beforeEach, describe, expect, test } from 'vitest';
import { redactedText, redactionOf } from '../../src/kernel/envelope.ts';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import { createEventLog } from '../../src/kernel/event-log.ts';
import type { EventLog } from '../../src/kernel/event-log.ts';
import { fold } from '../../src/kernel/history.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { newEvent } from '../helpers/events.ts';
import { authorize, customer, openShop, OPERATOR, request } from '../helpers/letters.ts';
import type { Answer, Json, Shop } from '../helpers/letters.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import { always } from '../helpers/receiver.ts';

interface Inputs {
  'order.created': { total: number };
  'order.paid': { total: number };
  'user.logged_in': { ip: string };
}

/** Checked by the compiler (`npm run types`); never run. */
export async function check(log: EventLog<Inputs>): Promise<number> {
  await fold(
    log.history('ord_1'),
    {
      // @ts-expect-error an event type that is not in the catalog
      'order.lost': (total: number) => total,
    },
    0,
  );
  await fold(
    log.history('ord_1'),
    {
      // @ts-expect-error the data of another event type
      'user.logged_in': (total: number, event) => total + event.data.total,
    },
    0,
  );
  for await (const event of log.history('ord_1')) {
    // @ts-expect-error its data may have been erased
    if (event.eventType === 'order.paid') event.data.total.toFixed();
  }
  return fold(log.history(7n), { 'order.paid': (total, { data }) => total + data.total }, 0);
}

describe.each(databaseKinds)('the event log on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let shop: Shop;
  let log: EventLog<Inputs>;
  const clock = createManualClock();

  beforeEach(async () => {
    shop = await openShop(database);
    log = createEventLog<Inputs>({ store: shop.store, authorize, clock });
    return () => shop.close();
  });

  const ask = (query = '', headers: Record<string, string> = OPERATOR): Promise<Answer> =>
    request(log.log, 'GET', `/events${query}`, undefined, headers);
  const positions = (answer: Answer): unknown[] =>
    (answer.body['data'] as Json[]).map((event) => event['position']);

  /** Waits until all events that are committed have their position. */
  async function sequenced(): Promise<void> {
    const { outboxSignal, logSignal } = shop.signals;
    const sequencer = createSequencer({ store: shop.store, outboxSignal, logSignal });
    sequencer.start();
    const { rows } = await database.sql.query(`select count(*)::int as count from evtgen.events`, []);
    await eventually('all have a position', async () => (await shop.store.log.head()) === rows[0]?.['count']);
    await sequencer.stop();
  }

  async function collect<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
    const all: Event[] = [];
    for await (const event of events) all.push(event);
    return all;
  }

  describe('history', () => {
    beforeEach(async () => {
      await shop.emit({ eventId: 'created', actor: 'usr_7', data: { total: 5 } });
      await shop.emit({ eventId: 'elsewhere', subject: 'ord_2' });
      await shop.emit({ eventId: 'theirs', tenant: 'other' });
      await shop.emit({ eventId: 'paid', eventType: 'order.paid', data: { total: 3 } });
      await shop.emit({
        eventId: 'seen',
        eventType: 'user.logged_in',
        audience: 'internal',
        data: { ip: '::1' },
      });
      await sequenced();
    });

    test.each([
      [{}, ['created', 'paid', 'seen']],
      [{ order: 'newest_first' }, ['seen', 'paid', 'created']],
      [{ eventTypes: ['order.*'] }, ['created', 'paid']],
      [{ eventTypes: ['order.paid', 'user.logged_in'], limit: 1 }, ['paid']],
      [{ after: 1 }, ['paid', 'seen']],
      [{ after: 1, order: 'newest_first', limit: 1 }, ['seen']],
      [{ eventTypes: [] }, []],
      [{ limit: 0 }, []],
      [{ tenant: 'other' }, ['theirs']],
      [{ tenant: undefined }, []],
    ] as const)('with %j', async (options, expected) => {
      const events = await collect(log.history('ord_1', { tenant: 'acme', ...options }));
      expect(events.map(({ eventId }) => eventId)).toEqual(expected);
    });

    test('gives events as they were emitted, with their place in the log', async () => {
      const [created] = await collect(log.history('ord_1', { tenant: 'acme' }));
      expect(created).toEqual({
        eventId: 'created',
        eventType: 'order.created',
        version: 1,
        timestamp: '2026-01-01T00:00:00.000Z',
        source: '/orders-api',
        subject: 'ord_1',
        data: { total: 5 },
        position: 1,
        tenant: 'acme',
        actor: 'usr_7',
        isRedacted: false,
      });
    });

    test('folds into a state; types without a reducer change nothing', async () => {
      const total = await fold(
        log.history('ord_1', { tenant: 'acme' }),
        {
          'order.created': (sum, { data }) => sum + data.total,
          'order.paid': (sum, { data }) => sum - data.total,
        },
        100,
      );
      expect(total).toBe(102);
    });
  });

  test('a long history is read page by page, in both orders, as far as it is taken', async () => {
    await database.sql.transaction(async (tx) => {
      for (let count = 1; count <= 450; count += 1) {
        await shop.store.log.append(tx, newEvent({ tenant: 'acme', data: { total: count } }));
      }
    });
    await sequenced();
    const upwards = Array.from({ length: 450 }, (_, index) => index + 1);
    const found = await collect(log.history('ord_1', { tenant: 'acme' }));
    expect(found.map(({ position }) => position)).toEqual(upwards);
    const backwards = await collect(log.history('ord_1', { tenant: 'acme', order: 'newest_first' }));
    expect(backwards.map(({ position }) => position)).toEqual(upwards.toReversed());
    const limited = await collect(log.history('ord_1', { tenant: 'acme', limit: 300 }));
    expect(limited).toHaveLength(300);
    for await (const { position } of log.history('ord_1', { tenant: 'acme' })) {
      if (position === 3) break;
    }
  });

  describe('GET /events', () => {
    beforeEach(async () => {
      for (const tenant of ['acme', 'other']) {
        await shop.emit({ tenant, subject: `ord_of_${tenant}` });
        await shop.emit({ tenant, eventType: 'order.paid' });
        await shop.emit({ tenant, eventType: 'user.logged_in', audience: 'internal', actor: 'usr_7' });
      }
      await sequenced();
    });

    test.each<[string, number[]]>([
      ['', [1, 2, 3, 4, 5, 6]],
      ['?since=4', [5, 6]],
      ['?since=6', []],
      ['?types=order.*', [1, 2, 4, 5]],
      ['?types=order.paid,user.logged_in&since=2', [3, 5, 6]],
      ['?tenant=acme', [1, 2, 3]],
      ['?subject=ord_of_other', [4]],
      ['?limit=2', [1, 2]],
      ['?order=newest_first', [6, 5, 4, 3, 2, 1]],
      ['?order=newest_first&since=2&types=order.*', [5, 4]],
      ['?order=newest_first&limit=1', [6]],
      ['?since=2020-01-01T00:00:00Z', [1, 2, 3, 4, 5, 6]],
      ['?since=2999-01-01T00:00:00%2B01:00', []],
    ])('%s finds %j for operators', async (query, expected) => {
      const answer = await ask(query);
      expect([answer.status, positions(answer)]).toEqual([200, expected]);
    });

    test('customers see the public events of their tenant, and nothing that only the log knows', async () => {
      const answer = await ask('', customer('other'));
      expect(positions(answer)).toEqual([4, 5]);
      expect((answer.body['data'] as Json[])[0]).toEqual({
        eventId: expect.any(String),
        eventType: 'order.created',
        version: 1,
        timestamp: '2026-01-01T00:00:00.000Z',
        source: '/orders-api',
        data: { total: 1 },
        subject: 'ord_of_other',
        position: 4,
      });
      expect(positions(await ask('?subject=ord_of_acme', customer('other')))).toEqual([]);
      expect((await ask('?tenant=acme', customer('other'))).status).toBe(403);
      expect((await ask('', {})).status).toBe(401);
      const [, , internal] = (await ask()).body['data'] as Json[];
      expect(internal).toMatchObject({ audience: 'internal', tenant: 'acme', actor: 'usr_7' });
    });

    test('pages by cursor, and tells up to where it has looked', async () => {
      const first = await ask('?limit=1', customer('acme'));
      expect([positions(first), first.body['position']]).toEqual([[1], 1]);
      const second = await ask(`?limit=1&cursor=${String(first.body['nextCursor'])}`, customer('acme'));
      expect([positions(second), second.body['position']]).toEqual([[2], 2]);
      const last = await ask(`?limit=1&cursor=${String(second.body['nextCursor'])}`, customer('acme'));
      expect(last.body).toEqual({ data: [], position: 6, nextCursor: null });
      await shop.emit();
      await sequenced();
      expect(positions(await ask('?since=6', customer('acme')))).toEqual([7]);
    });

    test('pages backwards too, and says then where to ask for what comes later', async () => {
      const pages: unknown[] = [];
      let query: string | null = '?order=newest_first&limit=2&since=1&types=order.*';
      while (query !== null) {
        const { body, ...answer }: Answer = await ask(query);
        pages.push(positions({ ...answer, body }));
        expect(body['position']).toBe(6);
        const cursor: unknown = body['nextCursor'];
        query =
          cursor === null
            ? null
            : `?order=newest_first&limit=2&since=1&types=order.*&cursor=${String(cursor)}`;
      }
      expect(pages).toEqual([[5, 4], [2]]);
    });

    test('begins at what was recorded at a time or later', async () => {
      await database.sql.query(
        `update evtgen.events e set recorded_at = timestamptz '2026-01-01T00:00:00Z' + l.position * interval '1 day'
           from evtgen.log l where l.insert_id = e.insert_id`,
        [],
      );
      expect(positions(await ask('?since=2026-01-05T12:00:00Z'))).toEqual([5, 6]);
      expect(positions(await ask('?since=2026-01-05T12:00:00Z&order=newest_first'))).toEqual([6, 5]);
    });

    test('finds one event by its id, for whoever may see it', async () => {
      const all = (await ask()).body['data'] as Json[];
      const [ours, , internal] = all.map(({ eventId }) => `?eventId=${String(eventId)}`);
      expect((await ask(ours)).body).toEqual({ data: [all[0]], position: 6, nextCursor: null });
      expect(positions(await ask(ours, customer('acme')))).toEqual([1]);
      expect(positions(await ask(ours, customer('other')))).toEqual([]);
      expect(positions(await ask(internal))).toEqual([3]);
      expect(positions(await ask(internal, customer('acme')))).toEqual([]);
      expect(positions(await ask('?eventId=none'))).toEqual([]);
    });

    test('refuses what it cannot answer', async () => {
      for (const query of [
        '?order=up',
        '?since=2026-01-01',
        '?eventId=%00',
        '?since=7',
        '?since=-1',
        '?since=x',
        '?types=order',
        '?limit=0',
        '?subject=%00',
      ]) {
        expect([query, (await ask(query)).status]).toEqual([query, 400]);
      }
      const cursor = Buffer.from('ord_1').toString('base64url');
      expect((await ask(`?cursor=${cursor}`)).status).toBe(400);
      expect((await request(log.log, 'POST', '/events', {}, OPERATOR)).status).toBe(405);
    });

    test('says what it no longer has, and begins with what it has', async () => {
      // As retention would: the event at 1 is needed by somebody, those at 2 and 3 are not.
      await database.sql.query(`delete from evtgen.positions where position in (2, 3)`, []);
      await database.sql.query(`update evtgen.log_floor set position = 3`, []);
      for (const since of [0, 1, 2]) {
        expect(await ask(`?since=${since}`)).toMatchObject({
          status: 410,
          body: { code: 'position_expired', detail: expect.stringContaining('since=3') },
        });
      }
      expect(positions(await ask())).toEqual([4, 5, 6]);
      expect(positions(await ask('?since=3'))).toEqual([4, 5, 6]);
    });
  });

  test('needs authorize in production', () => {
    expect(() => createEventLog<Inputs>({ store: shop.store, isProduction: true })).toThrow(/authorize/);
  });

  describe('redact', () => {
    const SECRET = 'erased-on-request';
    const everything = async (): Promise<string> => {
      const tables = ['events', 'deliveries', 'dead_letters'];
      const texts = await Promise.all(
        tables.map((table) => database.sql.query(`select t::text as text from evtgen.${table} t`, [])),
      );
      return JSON.stringify(texts.map(({ rows }) => rows));
    };

    test('leaves no data anywhere, and keeps what happened, when and to what', async () => {
      await shop.working(async () => {
        const redacted = { data: { total: 2, note: SECRET }, actor: SECRET };
        const { letterId, subscriptionId, eventId } = await shop.exhaust(redacted);
        shop.receiver.answer = always(500, SECRET);
        await shop.emit({ data: { total: 1, note: SECRET } });
        await eventually('there are two dead letters', async () => {
          const found = await shop.store.deadLetters.list('all', {}, { after: undefined, limit: 9 });
          return found.length === 2;
        });
        const refused = {
          subject: 'ord_1',
          tenant: 'acme',
          actor: SECRET,
          data: { total: -1, note: SECRET },
        };
        await database.sql.transaction((tx) => shop.emitter.emit(tx, 'order.created', refused));
        expect(await everything()).toContain(SECRET);

        expect(await log.redact('ord_1', { tenant: 'acme' })).toEqual({
          events: 2,
          cancelledDeliveries: 0,
          deadLetters: 3,
        });
        expect(await everything()).not.toContain(SECRET);
        const [event] = await collect(log.history('ord_1', { tenant: 'acme' }));
        expect(event).toMatchObject({
          eventId,
          eventType: 'order.created',
          version: 1,
          position: 1,
          data: null,
          isRedacted: true,
          redactedAt: '2026-01-01T00:00:00.000Z',
        });
        const letter = await shop.call('GET', `/dead-letters/${letterId}`);
        expect(letter.body).toMatchObject({ eventId, event: { data: null }, redactedAt: expect.any(String) });
        const replayed = await shop.call('POST', '/dead-letters/replay', {});
        expect((replayed.body['refused'] as Json[]).map(({ code }) => code)).toEqual(
          Array(3).fill('redacted'),
        );
        expect(await shop.store.resends.resend(subscriptionId, eventId)).toBe('not_found');
        expect(shop.receiver.requests).toHaveLength(4);
      });
      // Again is nothing new.
      expect((await log.redact('ord_1', { tenant: 'acme' })).events).toBe(0);
    });

    test('leaves nothing that a broker or a caster said of the data', async () => {
      shop.broker.publish = ([event]) => {
        throw new UnpublishableError(String(event?.eventId), `it has ${SECRET} in it`);
      };
      await shop.working(async () => {
        await shop.emit();
        await eventually('it is set aside', async () => (await everything()).includes(SECRET));
        await log.redact('ord_1', { tenant: 'acme' });
        expect(await everything()).not.toContain(SECRET);
      });
    });

    test('when repeated, erases what was still said of data that was under way', async () => {
      const redact = () => log.redact('ord_1', { tenant: 'acme' });
      let reached = 0;
      let redaction: Promise<unknown> | undefined;
      const redactOnceBothHaveIt = async (): Promise<void> => {
        reached += 1;
        await eventually('the receiver and the broker have it', () => reached === 2);
        redaction ??= redact();
        await redaction;
      };
      await shop.subscribe('sub');
      shop.receiver.answer = async (_request, response) => {
        await redactOnceBothHaveIt();
        response.writeHead(200).end(SECRET);
      };
      shop.broker.publish = async ([event]) => {
        await redactOnceBothHaveIt();
        throw new UnpublishableError(String(event?.eventId), `it has ${SECRET} in it`);
      };
      await shop.working(async () => {
        await shop.emit({ data: { total: 1, note: SECRET } });
        await eventually('both have answered', async () => (await everything()).split(SECRET).length === 3);
      });
      expect(await redact()).toEqual({ events: 0, cancelledDeliveries: 0, deadLetters: 1 });
      expect(await everything()).not.toContain(SECRET);
      expect(await redact()).toEqual({ events: 0, cancelledDeliveries: 0, deadLetters: 0 });
    });

    test('reaches events that have no position yet, and no other subject or tenant', async () => {
      await shop.emit({ eventId: 'mine', data: { note: SECRET } });
      await sequenced();
      await shop.emit({ eventId: 'unpositioned', data: { note: SECRET } });
      await shop.emit({ eventId: 'neighbour', subject: 'ord_10' });
      await shop.emit({ eventId: 'theirs', tenant: 'other' });
      expect((await log.redact('ord_1', { tenant: 'acme' })).events).toBe(2);
      const { rows } = await database.sql.query(
        `select event_id, body from evtgen.events order by insert_id`,
        [],
      );
      expect(rows.map((row) => [row['event_id'], redactionOf(String(row['body'])) !== undefined])).toEqual([
        ['mine', true],
        ['unpositioned', true],
        ['neighbour', false],
        ['theirs', false],
      ]);
    });

    test('keeps what was waiting from being sent, now and when it is resumed', async () => {
      await shop.working(async () => {
        const { letterId } = await shop.exhaust({ data: { total: 1, note: SECRET }, subscriptionId: 'sub' });
        await shop.store.subscriptions.stop('sub', 'disabled', 'by its owner');
        await shop.emit({ data: { total: 1, note: SECRET } });
        await shop.emit({ subject: 'ord_2' });
        await eventually('the broker has all', () => shop.published.length === 3);
        await database.sql.query(`update evtgen.deliveries set state = 'pending', due_at = now()`, []);
        await database.sql.query(`update evtgen.dead_letters set replayed_at = now()`, []);
        expect(await log.redact('ord_1', { tenant: 'acme' })).toMatchObject({
          events: 2,
          cancelledDeliveries: 1,
        });
        const before = shop.receiver.requests.length;
        await shop.store.subscriptions.enable('acme', 'sub', 'resume');
        shop.signals.dueSignal.notify();
        await eventually('what is not erased arrives', () => shop.receiver.requests.length > before);
        expect(
          shop.receiver.requests.slice(before).map(({ body }) => JSON.parse(String(body)).subject),
        ).toEqual(['ord_2']);
        expect((await shop.call('GET', `/dead-letters/${letterId}`)).body['event']).toMatchObject({
          data: null,
        });
      });
    });

    test('brokers that are behind pass over it', async () => {
      await shop.emit({ data: { note: SECRET } });
      await shop.emit({ subject: 'ord_2' });
      await sequenced();
      await log.redact('ord_1', { tenant: 'acme' });
      await shop.working(() => eventually('the other one is published', () => shop.published.length > 0));
      expect(shop.published.map(({ subject }) => subject)).toEqual(['ord_2']);
    });

    test('goes through many events in pages', async () => {
      await database.sql.transaction(async (tx) => {
        for (let count = 0; count < 401; count += 1)
          await shop.store.log.append(tx, newEvent({ tenant: 'acme' }));
      });
      await sequenced();
      expect((await log.redact('ord_1', { tenant: 'acme' })).events).toBe(401);
    });

    test('a fold passes over what is erased', async () => {
      await shop.emit({ data: { total: 5 } });
      await sequenced();
      await log.redact('ord_1', { tenant: 'acme' });
      const paid = fold(
        log.history('ord_1', { tenant: 'acme' }),
        { 'order.created': (_, { data }) => data.total },
        7,
      );
      expect(await paid).toBe(7);
    });
  });
});

test('a tombstone is told from an event that merely looks like one', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const quoting = { data: { text: `,"redactedAt":"${at}"}` }, subject: `,"redactedAt":"${at}"}` };
  for (const event of [
    newEvent(quoting),
    newEvent({ ...quoting, subject: undefined }),
    newEvent({ data: { redactedAt: at } }),
  ]) {
    expect(redactionOf(event.body)).toBeUndefined();
    expect(redactionOf(redactedText(event.body, at))).toBe(at);
  }
});
