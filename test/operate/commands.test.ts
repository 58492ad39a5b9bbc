import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  runLettersList,
  runLettersPurge,
  runLettersReplay,
  runLettersShow,
  type PurgeOptions,
} from '../../src/operate/run-dead-letters.ts';
import {
  runEventsList,
  runEventsReplay,
  runEventsShow,
  type ReplayEventsOptions,
} from '../../src/operate/run-events.ts';
import { openPglite, type TestDatabase } from '../helpers/databases.ts';
import { recordedTerminal, type RecordedTerminal } from '../helpers/recorded-terminal.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import { folderWith } from '../helpers/write-files.ts';
import { refusal } from '../trigger/shop.ts';
import { openShop, TOKEN, type Shop } from './shop.ts';

let database: TestDatabase;
let shop: Shop;
let terminal: RecordedTerminal;

beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

beforeEach(async () => {
  await resetDatabase(database.sql);
  shop = await openShop(database.sql);
  terminal = recordedTerminal(folderWith({}), { isInteractive: true });
  return () => shop.close();
});

const target = () => ({
  url: shop.url,
  headers: [`authorization: ${TOKEN}`],
  databaseUrl: undefined,
  tenant: undefined,
  isJson: false,
});
const listing = () => ({
  ...target(),
  types: [],
  subject: undefined,
  since: undefined,
  limit: 20,
  cursor: undefined,
});
const replaying = (more: Partial<ReplayEventsOptions>): ReplayEventsOptions => ({
  ...target(),
  ids: [],
  since: undefined,
  types: [],
  subscriptions: [],
  isUndeliveredOnly: false,
  ...more,
});
const choosing = (more: Partial<PurgeOptions> = {}): PurgeOptions => ({
  ...target(),
  kind: undefined,
  type: undefined,
  subscription: undefined,
  since: undefined,
  until: undefined,
  state: undefined,
  ids: [],
  isAll: false,
  isConfirmed: false,
  confirm: () => Promise.reject(new Error('nobody is to be asked')),
  ...more,
});
const taken = (): string[] => terminal.results.splice(0);

describe('evtgen events', () => {
  it('lists for people: no wider than the terminal, and with ids where there is room', async () => {
    expect(await runEventsList(listing(), terminal)).toBe(0);
    expect(taken()).toEqual(['no events']);
    const [id] = await shop.emit('order.created');
    await shop.emit('order.paid', 'user.logged_in');
    await runEventsList({ ...listing(), limit: 2 }, terminal);
    const narrow = taken();
    expect(narrow).toEqual([
      'POSITION  TIME      TYPE            SUBJECT',
      expect.stringMatching(/^3 {9}\d\d:\d\d:\d\d {2}user\.logged_in {2}ord_2$/),
      expect.stringMatching(/^2 {9}\d\d:\d\d:\d\d {2}order\.paid {6}ord_1$/),
    ]);
    expect(terminal.notes).toEqual([expect.stringMatching(/^there are more: --cursor \w+$/)]);
    await runEventsList({ ...listing(), types: ['order.created'] }, { ...terminal, columns: 120 });
    expect(taken()[1]).toMatch(new RegExp(`^1 .*  ord_1 {4}${id}$`));
    await runEventsList(listing(), { ...terminal, columns: 40 });
    for (const line of taken()) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('lists as one JSON document', async () => {
    await shop.emit('order.created', 'order.paid');
    await runEventsList({ ...listing(), since: '1', isJson: true }, terminal);
    expect(taken().map((line) => JSON.parse(line))).toMatchObject([
      { events: [{ position: 2, eventType: 'order.paid', data: { total: 2 } }], nextCursor: null },
    ]);
  });

  it('shows an event with its deliveries', async () => {
    shop.answer(500);
    const subscription = await shop.subscribe();
    const [id] = await shop.emit('order.created');
    await shop.letters(1);
    expect(await runEventsShow('1', target(), terminal)).toBe(0);
    const text = taken().join('\n');
    expect(text).toMatch(/^order\.created version 1, position 1\n {2}event id {6}/);
    expect(text).toContain(`  event id      ${id}\n  happened      20`);
    expect(text).toContain('\n{\n  "total": 1\n}\n\nexhausted to ');
    expect(text).toContain(`(${subscription})`);
    expect(text).toMatch(/ {2}500 {2}\d+ ms {2}no$/);
    await runEventsShow(id ?? '', { ...target(), isJson: true }, terminal);
    expect(JSON.parse(taken().join('\n'))).toMatchObject({
      event: { eventId: id },
      deliveries: [{ state: 'exhausted', subscription: { id: subscription } }],
    });
  });

  it('replays, shows how far it is, and exits 1 when one is refused', async () => {
    const subscription = await shop.subscribe();
    const [id = ''] = await shop.emit('order.created', 'order.paid');
    await shop.received(2);
    expect(await runEventsReplay(replaying({ since: '2h', types: ['order.paid'] }), terminal)).toBe(0);
    expect(taken()).toEqual([
      `  1 to ${shop.receiver.url} (${subscription})`,
      `1 delivery will be sent again from ${shop.url}`,
    ]);
    expect(terminal.shown).toEqual([
      expect.stringContaining('] 0 of 2'),
      expect.stringContaining('] 2 of 2'),
      null,
    ]);
    await shop.received(3);
    await shop.apis.http.call('POST', `/webhooks/${subscription}/disable`);
    const stopped = replaying({ ids: ['1'], subscriptions: [subscription], isJson: true });
    expect(await runEventsReplay(stopped, terminal)).toBe(1);
    expect(JSON.parse(taken().join('\n'))).toMatchObject({
      replayed: 0,
      subscriptions: [{ refused: [{ id, code: 'subscription_not_active' }] }],
    });
    expect(terminal.notes).toEqual([expect.stringContaining('enable the webhook first')]);
  });

  it.each([
    [{}, 'name the events to replay, or say --since when'],
    [{ ids: ['1'], since: '1' }, 'name the events to replay, or say --since when'],
    [{ ids: ['1'], types: ['order.*'] }, '--type and --undelivered go with --since'],
    [{ since: 'noon' }, '--since: expected a position, a time or how long ago, got "noon"'],
    [{ ids: ['99'] }, 'has no event 99'],
    [{ ids: ['1'], tenant: 'acme' }, '--tenant goes with --database-url here'],
    [{ since: '0', subscriptions: ['none'] }, 'has no subscription "none"'],
    [{ since: '0', headers: ['nonsense'] }, `--header: expected 'name: value', got "nonsense"`],
    [
      { since: '0', headers: [] },
      "was refused: valid credentials are required\nhint: --header 'authorization:",
    ],
    [{ since: '0', databaseUrl: true as const }, '--database-url goes with neither --url nor --header'],
  ])('replay %j is refused with exit code 2', async (more, message) => {
    const refused = await refusal(runEventsReplay(replaying(more), terminal));
    expect(refused.text).toContain(message);
    expect(refused.exitCode).toBe(2);
    expect(terminal.results).toEqual([]);
  });

  it('says where the routes are looked for when they are not there', async () => {
    const elsewhere = { ...listing(), url: new URL(shop.url).origin };
    expect((await refusal(runEventsList(elsewhere, terminal))).text).toMatch(
      /GET \/events at http:\S+ was (?:refused|answered)/,
    );
  });
});

describe('evtgen dlq', () => {
  it('lists with whole ids, in a table where there is room', async () => {
    expect(await runLettersList({ ...choosing(), limit: 20, cursor: undefined }, terminal)).toBe(0);
    expect(taken()).toEqual(['no dead letters']);
    await shop.emit('order.created?', 'order.paid?');
    await runLettersList({ ...choosing(), limit: 1, cursor: undefined }, terminal);
    expect(taken()).toEqual([
      expect.stringMatching(/^[\w-]{36} {2}\d+ s ago {2}emit$/),
      '  order.created: invalid order.created: data.total: is missing',
    ]);
    expect(terminal.notes).toEqual([expect.stringMatching(/^there are more: --cursor \w+$/)]);
    await runLettersList({ ...choosing(), limit: 9, cursor: undefined }, { ...terminal, columns: 120 });
    expect(taken()[0]).toMatch(/^ID {36}AGE {6}AT {4}TYPE {11}ERROR$/);
    await runLettersList(
      { ...choosing({ type: 'order.paid', isJson: true }), limit: 9, cursor: undefined },
      terminal,
    );
    expect(JSON.parse(taken().join('\n'))).toMatchObject({
      deadLetters: [{ eventType: 'order.paid' }],
      nextCursor: null,
    });
  });

  it('shows one with its event and attempts', async () => {
    shop.answer(503);
    await shop.subscribe();
    await shop.emit('order.created');
    await shop.letters(1);
    const [letter] = await shop.store.deadLetters.list('all', {}, { after: undefined, limit: 1 });
    expect(await runLettersShow(letter?.id ?? '', target(), terminal)).toBe(0);
    const text = taken().join('\n');
    expect(text).toContain(
      `order.created: HTTP 503\n  id            ${letter?.id}\n  kind          delivery_exhausted`,
    );
    expect(text).toContain('"eventType": "order.created"');
    expect(text.match(/ {2}503 {2}\d+ ms {2}no/g)).toHaveLength(2);
  });

  it('replays by filter with exit code 0, and with 1 where some cannot be', async () => {
    shop.answer(500);
    await shop.subscribe(['order.paid']);
    await shop.emit('order.paid', 'order.paid', 'order.created?');
    await shop.letters(3);
    shop.answer(204);
    expect(await runLettersReplay(choosing({ type: 'order.paid', since: '1h' }), terminal)).toBe(0);
    expect(taken()).toEqual(['replayed 2 dead letters']);
    expect(terminal.shown).toEqual([expect.stringContaining('] 2 of 2'), null]);
    expect(await runLettersReplay(choosing({ isAll: true }), terminal)).toBe(1);
    expect(taken()).toEqual([
      expect.stringMatching(/^ {2}not [\w-]{36}: invalid order\.created: data\.total: is missing$/),
      'replayed 0 dead letters, not 1',
    ]);
  });

  it('asks before it purges, and needs --yes where nobody can be asked', async () => {
    await shop.emit('order.created?', 'order.paid?');
    await shop.letters(2);
    const script = recordedTerminal(terminal.cwd);
    const purge = choosing({ isAll: true });
    expect(await refusal(runLettersPurge(purge, script))).toMatchObject({
      code: 'not_confirmed',
      exitCode: 2,
    });
    const asked: string[] = [];
    const answering = (answer: boolean) => async (question: string) => {
      asked.push(question);
      return answer;
    };
    const typed = choosing({ type: 'order.paid', confirm: answering(false) });
    expect(await runLettersPurge(typed, terminal)).toBe(0);
    expect([taken(), terminal.notes.splice(0)]).toEqual([[], ['nothing was purged']]);
    await shop.letters(2);
    await runLettersPurge({ ...typed, confirm: answering(true) }, terminal);
    expect(taken()).toEqual(['purged 1 dead letter']);
    expect(terminal.notes).toEqual(['To skip this question next time, add --yes']);
    expect(asked[0]).toBe(`Purge all open dead letters with eventType order.paid for good at ${shop.url}?`);
    await runLettersPurge({ ...purge, isConfirmed: true, isJson: true }, script);
    expect(script.results).toEqual(['{"purged":1}']);
  });

  it.each([
    [
      {},
      'which dead letters? Name them, or say --all\nhint: such as "evtgen dlq replay --type order.created',
    ],
    [{ ids: ['a'], isAll: true }, 'name dead letters, or say which ones by flags: not both'],
    [{ ids: ['a'], type: 'order.paid' }, 'name dead letters, or say which ones by flags: not both'],
    [{ ids: ['a'] }, 'has no dead letter a'],
    [{ since: '1200' }, '--since: expected a time or how long ago, got "1200"'],
    [{ type: 'Order' }, 'eventType must be an event type like order.created'],
  ])('replay %j is refused with exit code 2', async (more, message) => {
    const refused = await refusal(runLettersReplay(choosing(more), terminal));
    expect(refused.text).toContain(message);
    expect(refused.exitCode).toBe(2);
  });
});
