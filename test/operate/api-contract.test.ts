import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../src/attach/api.ts';
import {
  findLetter,
  listLetters,
  purgeLetters,
  purgeMatching,
  replayLetters,
  replayMatching,
} from '../../src/operate/dead-letters.ts';
import { findEvent, listEvents, newestPosition, type EventQuery } from '../../src/operate/events.ts';
import { replayEach, replayRange } from '../../src/operate/replay-events.ts';
import { deliveriesOf, subscriptionsOf } from '../../src/operate/webhooks.ts';
import { EvtgenError } from '../../src/ui/errors.ts';
import { openPglite, type TestDatabase } from '../helpers/databases.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import { openShop, type Shop } from './shop.ts';

let database: TestDatabase;
let shop: Shop;
let api: Api;
/** What was shown of the progress: how many of how many. */
let shown: [number, number][];
const show = (done: number, total: number): void => void shown.push([done, total]);

beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

beforeEach(async () => {
  await resetDatabase(database.sql);
  shop = await openShop(database.sql);
  shown = [];
  return () => shop.close();
});

const ALL: EventQuery = {
  types: [],
  subject: undefined,
  tenant: undefined,
  since: undefined,
  limit: 100,
  cursor: undefined,
};

async function code(run: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof EvtgenError ? error.code : undefined;
}

describe.each(['http', 'database'] as const)('the log of an application by %s', (binding) => {
  beforeEach(() => {
    api = shop.apis[binding];
  });

  it('is listed the newest first, or from somewhere on, page by page', async () => {
    const list = async (query: Partial<EventQuery>): Promise<number[]> =>
      (await listEvents(api, { ...ALL, ...query })).items.map(({ position }) => position);
    expect(await list({})).toEqual([]);
    expect(await newestPosition(api)).toBe(0);
    await shop.emit('order.created', 'order.paid', 'user.logged_in', 'order.paid');
    expect(await list({})).toEqual([4, 3, 2, 1]);
    expect(await list({ since: '2' })).toEqual([3, 4]);
    expect(await list({ since: new Date(Date.now() - 60_000).toISOString(), types: ['order.*'] })).toEqual([
      1, 2, 4,
    ]);
    expect(await list({ types: ['order.paid', 'user.*'] })).toEqual([4, 3, 2]);
    expect(await list({ subject: 'ord_3' })).toEqual([3]);
    const first = await listEvents(api, { ...ALL, limit: 3 });
    expect(first.items).toHaveLength(3);
    expect(await list({ limit: 3, cursor: first.cursor })).toEqual([1]);
    expect(first.items[0]).toMatchObject({
      eventType: 'order.paid',
      subject: 'ord_4',
      audience: 'public',
      tenant: null,
    });
  });

  it('shows an event by its id or position, and what became of it', async () => {
    shop.answer(500);
    const subscription = await shop.subscribe(['order.*']);
    const [id = ''] = await shop.emit('order.created', 'user.logged_in');
    await shop.letters(1);
    expect(await findEvent(api, '1')).toMatchObject({ eventId: id, data: { total: 1 } });
    expect((await findEvent(api, id)).position).toBe(1);
    for (const unknown of ['0', '3', 'none'])
      expect(await code(findEvent(api, unknown))).toBe('unknown_event');
    expect(await deliveriesOf(api, id)).toMatchObject([
      {
        subscription: { id: subscription, url: shop.receiver.url },
        state: 'exhausted',
        attempts: [{ status: 500, body: 'no' }, { status: 500 }],
      },
    ]);
  });

  it('is sent again from somewhere on, up to what was the newest then', async () => {
    const subscription = await shop.subscribe(['order.*']);
    await shop.emit('order.created', 'order.paid', 'order.paid');
    await shop.received(3);
    const all = await subscriptionsOf(api, []);
    expect(all.map(({ id }) => id)).toEqual([subscription]);
    const range = { since: '1', types: ['order.paid'], isUndeliveredOnly: false };
    const [result] = await replayRange(api, all, range, show);
    expect(result).toEqual({
      subscriptionId: subscription,
      url: shop.receiver.url,
      replayed: 2,
      refused: [],
    });
    expect(shown.at(-1)).toEqual([2, 2]);
    await shop.received(5);
    expect((await replayRange(api, all, { ...range, isUndeliveredOnly: true }, show))[0]?.replayed).toBe(0);
    const since = new Date(Date.now() - 60_000).toISOString();
    expect((await replayRange(api, all, { ...range, since, types: [] }, show))[0]?.replayed).toBe(3);
    await shop.received(8);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect((await replayRange(api, all, { ...range, since: tomorrow }, show))[0]?.replayed).toBe(0);
    expect(await code(subscriptionsOf(api, ['none']))).toBe('unknown_subscription');
  });

  it('has single events sent again, or says why not', async () => {
    const subscription = await shop.subscribe(['order.*']);
    const [order = '', login = ''] = await shop.emit('order.created', 'user.logged_in');
    await shop.received(1);
    const all = await subscriptionsOf(api, []);
    expect(await replayEach(api, all, [order, login], show)).toMatchObject([{ replayed: 1, refused: [] }]);
    expect(shown).toEqual([
      [1, 2],
      [2, 2],
    ]);
    await shop.received(2);
    await shop.apis.http.call('POST', `/webhooks/${subscription}/disable`);
    expect(await subscriptionsOf(api, [])).toEqual([]);
    const disabled = await subscriptionsOf(api, [subscription]);
    expect(await replayEach(api, disabled, [order], show)).toMatchObject([
      { replayed: 0, refused: [{ id: order, code: 'subscription_not_active' }] },
    ]);
  });

  it('has dead letters, which are listed, shown and put back to work', async () => {
    shop.answer(500);
    const subscription = await shop.subscribe(['order.paid']);
    await shop.emit('order.paid', 'order.paid', 'order.created?');
    await shop.letters(3);
    const all = (await listLetters(api, {}, 10, undefined)).items;
    expect(all.map(({ kind }) => kind).toSorted()).toEqual([
      'delivery_exhausted',
      'delivery_exhausted',
      'pipeline_error',
    ]);
    const filters = [
      { kind: 'pipeline_error' },
      { eventType: 'order.paid' },
      { subscriptionId: subscription },
    ];
    const counts = await Promise.all(
      filters.map(async (filter) => (await listLetters(api, filter, 10, undefined)).items.length),
    );
    expect(counts).toEqual([1, 2, 2]);
    const page = await listLetters(api, {}, 2, undefined);
    expect((await listLetters(api, {}, 2, page.cursor)).items).toHaveLength(1);
    const [exhausted] = (await listLetters(api, { eventType: 'order.paid' }, 1, undefined)).items;
    expect(await findLetter(api, exhausted?.id ?? '')).toMatchObject({
      subscriptionId: subscription,
      event: { eventType: 'order.paid' },
      attempts: [{ status: 500 }, { status: 500 }],
    });
    expect(await code(findLetter(api, 'none'))).toBe('unknown_dead_letter');

    shop.answer(204);
    const { id: refusedId = '' } = all.find(({ kind }) => kind === 'pipeline_error') ?? {};
    const result = await replayLetters(api, [exhausted?.id ?? '', refusedId], show);
    expect(result).toEqual({
      done: 1,
      refused: [{ id: refusedId, code: 'still_invalid', detail: expect.stringContaining('total') }],
    });
    expect(await code(replayLetters(api, ['none'], show))).toBe('unknown_dead_letter');
    shown = [];
    expect(await replayMatching(api, { kind: 'delivery_exhausted' }, show)).toEqual({ done: 1, refused: [] });
    expect(shown).toEqual([[1, 1]]);
    await shop.received(6);
    expect((await listLetters(api, { state: 'replayed' }, 10, undefined)).items).toHaveLength(2);
  });

  it('has dead letters, which are deleted', async () => {
    await shop.emit('order.created?', 'order.created?', 'order.paid?');
    await shop.letters(3);
    const [first] = (await listLetters(api, {}, 1, undefined)).items;
    expect(await purgeLetters(api, [first?.id ?? ''], show)).toBe(1);
    expect(await code(purgeLetters(api, [first?.id ?? ''], show))).toBe('unknown_dead_letter');
    expect(await purgeMatching(api, { state: 'open', eventType: 'order.paid' }, show)).toBe(1);
    expect(await purgeMatching(api, { state: 'open' }, show)).toBe(1);
    expect(shown.at(-1)).toEqual([1, 1]);
    expect((await listLetters(api, {}, 10, undefined)).items).toEqual([]);
  });
});
