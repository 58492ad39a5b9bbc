import { describe, expect, it } from 'vitest';
import { folderWith } from '../helpers/write-files.ts';
import { planned, refusal, shopFiles, trigger } from './shop.ts';

const dry = { isDryRun: true } as const;

describe('what evtgen trigger is going to send', () => {
  it('is the same for the same seed, to the byte', async () => {
    const cwd = folderWith(shopFiles);
    const run = async (seed: number) =>
      (await trigger(cwd, { type: 'order.created', seed, ...dry })).terminal.results;
    expect(await run(7)).toEqual(await run(7));
    expect(await run(8)).not.toEqual(await run(7));
    const random = async () => (await planned(cwd, { type: 'order.created' }))[0]?.data['id'];
    expect(await random()).not.toBe(await random());
  });

  it('is about one order in related events', async () => {
    const cwd = folderWith(shopFiles);
    const [order] = await planned(cwd, { type: 'order.created', seed: 1 });
    const [payment] = await planned(cwd, { type: 'payment.captured', seed: 1 });
    expect(payment?.data['order_id']).toBe(order?.data['id']);
    expect([order?.subject, payment?.subject]).toEqual([order?.data['id'], order?.data['id']]);
    const many = await planned(cwd, { type: 'order.created', seed: 1, count: 50 });
    expect(new Set(many.map(({ subject }) => subject)).size).toBe(50);
    expect(many[0]).toEqual(order);
  });

  it('has the values that were set: JSON where it is some, text otherwise', async () => {
    const set = ['data.total=4200', 'data.items[0].sku=A=1', 'data.note=null', 'data.customer_id="7"'];
    const [event] = await planned(folderWith(shopFiles), { type: 'order.created', set, seed: 1 });
    expect(event?.data).toMatchObject({ total: 4200, note: null, customer_id: '7' });
    expect(event?.data['items']).toContainEqual(expect.objectContaining({ sku: 'A=1' }));
  });

  it('is the data that was given, and its subject', async () => {
    const data = { id: 'o1', status: 'paid', total: 3, items: [{ sku: 'x' }], extra: 1 };
    const cwd = folderWith({ ...shopFiles, 'order.json': data });
    const { terminal } = await trigger(cwd, {
      type: 'order.paid',
      data: 'order.json',
      set: ['data.total=5'],
      isDryRun: true,
      isJson: true,
    });
    expect(JSON.parse(terminal.results[0] ?? '')).toEqual({
      dryRun: true,
      events: [{ type: 'order.paid', subject: 'o1', data: { ...data, total: 5 } }],
    });
    expect(terminal.notes).toEqual([
      'note: data.extra is not in events/schemas/order.paid.v1.json, so emit leaves it out',
    ]);
    const [other] = await planned(cwd, { type: 'order.paid', data: 'order.json', subject: 's' });
    expect(other?.subject).toBe('s');
  });

  it('needs no catalog', async () => {
    const [event] = await planned(folderWith({}), { type: 'order.created', set: ['data.total=1'] });
    expect(event).toEqual({
      type: 'order.created',
      subject: event?.data['id'],
      data: { id: expect.stringMatching(/^order_/), total: 1 },
    });
  });
});

it('takes data from a file that an editor on Windows wrote', async () => {
  const data = '\uFEFF{\r\n  "id": "ord_1", "status": "paid", "total": 3, "items": [{ "sku": "A" }]\r\n}\r\n';
  const cwd = folderWith({ ...shopFiles, 'data.json': data });
  const { terminal } = await trigger(cwd, { type: 'order.created', data: 'data.json', isDryRun: true });
  expect(JSON.parse(terminal.results.join('\n'))).toMatchObject({ data: { id: 'ord_1', total: 3 } });
});

describe('evtgen trigger refuses', () => {
  it.each([
    [
      { type: 'order.creatd' },
      '"order.creatd" is not in events/catalog.json\nhint: did you mean order.created?',
    ],
    [
      { type: 'order.refunded_twice' },
      '"order.refunded_twice" is not in events/catalog.json\nhint: did you mean order.created, order.paid?',
    ],
    [
      { type: 'x' },
      '"x" is not in events/catalog.json\nhint: known are customer.flagged, order.created, order.paid, payment.captured',
    ],
    [
      {},
      'which event? Name its type, such as "evtgen trigger order.created"\nhint: events/catalog.json has customer.flagged',
    ],
    [
      { type: 'order.created', set: ['data.total=x', 'data.items=[{}]'] },
      'order.created does not fit events/schemas/order.created.v1.json:\n' +
        '  data.total: Invalid input: expected number, received string\n' +
        '  data.items.0.sku: Invalid input: expected string, received undefined',
    ],
    [
      { type: 'order.created', set: ['data.totl=1'] },
      '--set data.totl: events/schemas/order.created.v1.json has no such property\nhint: did you mean data.total?',
    ],
    [
      { type: 'order.created', set: ['data.meta.x=1'] },
      '--set data.meta: events/schemas/order.created.v1.json has',
    ],
    [
      { type: 'order.created', set: ['total=1'] },
      '--set "total=1": expected data.<path>=<value>\nhint: such as',
    ],
    [{ type: 'order.created', set: ['data.total'] }, '--set "data.total": expected data.<path>=<value>'],
    [{ type: 'order.created', subject: 'a\nb' }, 'subject: must not contain control characters'],
    [{ type: 'order.created', data: 'nope.json' }, '--data: there is no file nope.json'],
    [{ type: 'order.created', data: 'broken.json' }, 'broken.json is not valid JSON: '],
    [
      { type: 'order.created', url: 'a', databaseUrl: true as const },
      '--url and --database-url exclude each other',
    ],
    [{ type: 'order.created', tenant: 'acme' }, '--tenant goes with --database-url'],
    [
      { type: 'order.created', databaseUrl: true as const },
      '--database-url has no value, and DATABASE_URL is not set',
    ],
    [
      { type: 'order.created', databaseUrl: 'mysql://x' },
      '--database-url: expected a URL such as postgres://',
    ],
    [{ type: 'order.created', databaseUrl: 'postgres://u:pw@h/db' }, 'the package pg is not installed in '],
    [
      { type: 'order.created', url: 'ftp://x' },
      '--url: expected a URL such as http://127.0.0.1:4400, got "ftp://x"',
    ],
    [{ type: 'order.created', url: 'http://127.0.0.1:1999' }, 'http://127.0.0.1:1999 cannot be reached: '],
  ])('%j', async (options, message) => {
    const cwd = folderWith({ ...shopFiles, 'broken.json': '{' });
    const refused = await refusal(trigger(cwd, options));
    expect(refused.text).toContain(message);
    expect(refused.exitCode).toBe(2);
    expect(refused.text).not.toContain('pw@');
  });

  it('a database whose events nothing describes', async () => {
    const refused = await refusal(trigger(folderWith({}), { type: 'a.b', databaseUrl: true }));
    expect(refused).toMatchObject({ code: 'no_catalog', exitCode: 2 });
  });
});
