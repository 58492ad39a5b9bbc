import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../src/config/json-schema.ts';
import { runScenarioList } from '../../src/trigger/run.ts';
import type { SentEvent } from '../../src/trigger/send-events.ts';
import { sendEvents } from '../../src/trigger/send-events.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { recordedTerminal } from '../helpers/recorded-terminal.ts';
import { folderWith } from '../helpers/write-files.ts';
import { planned, refusal, shopFiles, trigger } from './shop.ts';

const checkout = {
  description: 'A customer orders and pays.',
  steps: [
    { id: 'order', type: 'order.created', data: { total: 4200, items: [{ sku: 'A-1' }] } },
    {
      id: 'payment',
      type: 'payment.captured',
      data: {
        amount: '{{steps.order.data.total}}',
        reference: 'for {{ steps.order.data.items[0].sku }}: {{steps.order.data.total}}',
      },
      delay: '20ms',
    },
    { type: 'order.paid', subject: '{{steps.payment.subject}}', data: { note: null } },
  ],
};

function project(scenario: unknown = checkout): string {
  return folderWith({ ...shopFiles, 'events/scenarios/checkout.json': scenario });
}

const play = (scenario: unknown, options = {}) =>
  planned(project(scenario), { scenario: 'checkout', seed: 1, ...options });

describe('a scenario', () => {
  it('is a sequence about the same resources, with values of earlier steps', async () => {
    const [order, payment, paid] = await play(checkout);
    expect(order).toMatchObject({
      type: 'order.created',
      data: { status: 'pending', total: 4200, items: [{ sku: 'A-1' }] },
    });
    expect(payment).toMatchObject({
      type: 'payment.captured',
      data: { order_id: order?.data['id'], amount: 4200, reference: 'for A-1: 4200' },
    });
    expect(paid).toMatchObject({
      type: 'order.paid',
      subject: order?.subject,
      data: { id: order?.data['id'], status: 'paid', note: null },
    });
  });

  it('is played again about others, and repeats single steps', async () => {
    const events = await play(
      {
        steps: [
          { type: 'order.created' },
          { id: 'last', type: 'payment.captured', count: 2 },
          { type: 'order.paid', data: { note: '{{steps.last.data.id}}' } },
        ],
      },
      { count: 2 },
    );
    expect(events.map(({ type }) => type)).toEqual(
      [1, 2].flatMap(() => ['order.created', 'payment.captured', 'payment.captured', 'order.paid']),
    );
    const [order, first, second, paid, other] = events.map(({ data }) => data);
    expect([first?.['order_id'], second?.['order_id'], paid?.['id']]).toEqual(Array(3).fill(order?.['id']));
    expect(first?.['id']).not.toBe(second?.['id']);
    expect(paid?.['note']).toBe(second?.['id']);
    expect(other?.['id']).not.toBe(order?.['id']);
  });

  it('makes another resource of a type that comes twice', async () => {
    const [first, second, paid] = await play({
      steps: [{ type: 'order.created' }, { type: 'order.created' }, { type: 'order.paid' }],
    });
    expect(second?.data['id']).not.toBe(first?.data['id']);
    expect(paid?.data['id']).toBe(first?.data['id']);
  });

  it('may lie anywhere', async () => {
    const cwd = folderWith({ ...shopFiles, 'test/flows/one.json': { steps: [{ type: 'order.paid' }] } });
    expect(await planned(cwd, { scenario: 'test/flows/one.json' })).toHaveLength(1);
  });

  it('waits where it says so, one event after the other', async () => {
    const sent: string[] = [];
    let underWay = 0;
    const start = performance.now();
    const result = await sendEvents(
      [
        { type: 'a.b', subject: undefined, data: {} },
        { type: 'a.c', subject: 's', data: {}, delayMs: 30 },
        { type: 'a.d', subject: undefined, data: {} },
      ],
      {
        sink: {
          async send(events) {
            underWay += 1;
            expect(underWay).toBe(1);
            await new Promise((resolve) => setImmediate(resolve));
            underWay -= 1;
            const types = events.map(({ type }) => type);
            sent.push(types.join(' '));
            return types;
          },
        },
        rate: undefined,
        signal: new AbortController().signal,
        onSent: () => undefined,
      },
    );
    expect(performance.now() - start).toBeGreaterThan(29);
    expect(sent).toEqual(['a.b', 'a.c a.d']);
    expect(result).toEqual<SentEvent[]>([
      { eventId: 'a.b', type: 'a.b', subject: null },
      { eventId: 'a.c', type: 'a.c', subject: 's' },
      { eventId: 'a.d', type: 'a.d', subject: null },
    ]);
  });

  it('is described by the schema in the package', () => {
    const packaged = readFileSync(join(repositoryRoot, 'scenario.schema.json'), 'utf8');
    expect(packaged).toBe(scenarioJsonSchema());
    const validate = new Ajv({ strict: false, formats: { regex: true } }).compile(
      JSON.parse(packaged) as object,
    );
    expect([validate(checkout), validate({ steps: [] }), validate({ steps: [{ typ: 'a.b' }] })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('scenarios', () => {
  it('are listed with what they send', () => {
    const terminal = recordedTerminal(project());
    expect(runScenarioList(false, terminal)).toBe(0);
    expect(terminal.results.splice(0)).toEqual([
      'checkout: A customer orders and pays.',
      '  order.created, payment.captured, order.paid',
    ]);
    runScenarioList(true, terminal);
    expect(JSON.parse(terminal.results.join('\n'))).toMatchObject({
      scenarios: [
        {
          name: 'checkout',
          types: ['order.created', 'payment.captured', 'order.paid'],
        },
      ],
    });
    const empty = recordedTerminal(folderWith({}));
    runScenarioList(false, empty);
    expect(empty.results).toEqual(['no scenarios in events/scenarios']);
  });
});

const FILE = 'events/scenarios/checkout.json';
const step = (more: object) => ({
  steps: [
    { id: 'order', type: 'order.created' },
    { type: 'order.paid', ...more },
  ],
});

describe('a scenario is refused with its place', () => {
  it.each([
    ['{', `${FILE} is not valid JSON: `],
    [{ steps: [] }, `${FILE}: steps: expected `],
    [{ steps: [{ type: 'order.created', dealy: '1s' }] }, `${FILE}: steps[0].dealy: unknown property`],
    [step({ delay: 'soon' }), `${FILE}: steps[1].delay: expected a duration such as 500ms or 2s, got "soon"`],
    [step({ id: 'order' }), `${FILE}: steps[1].id: steps[0] is "order" already`],
    [
      step({ type: 'order.payd' }),
      `${FILE}: steps[1].type: "order.payd" is not in events/catalog.json\nhint: did you mean order.paid?`,
    ],
    [
      step({ data: { total: 'x' } }),
      `${FILE}: steps[1] (order.paid) does not fit events/schemas/order.paid.v1.json:\n  data.total: Invalid input`,
    ],
    [
      step({ data: { totl: 1 } }),
      `${FILE}: steps[1].data.totl: events/schemas/order.paid.v1.json has no such property`,
    ],
    [
      step({ data: { note: '{{steps.ordr.data.id}}' } }),
      `${FILE}: steps[1].data.note: {{steps.ordr.data.id}} names no earlier step: there is no "ordr", but order`,
    ],
    [
      step({ data: { items: [{ sku: '{{steps.order.data.idd}}' }] } }),
      `${FILE}: steps[1].data.items[0].sku: {{steps.order.data.idd}} has no value: data.idd is not in that order.created`,
    ],
    [
      step({ subject: '{{order.id}}' }),
      `${FILE}: steps[1].subject: {{order.id}} is no reference: expected {{steps.<id>.data.<path>}}`,
    ],
  ])('%j', async (scenario, message) => {
    const refused = await refusal(play(scenario));
    expect(refused.text).toContain(message);
    expect(refused.exitCode).toBe(2);
  });

  it('names those that there are', async () => {
    expect((await refusal(trigger(project(), { scenario: 'chekout' }))).text).toBe(
      'there is no events/scenarios/chekout.json\nhint: did you mean checkout?',
    );
    expect((await refusal(trigger(project(), { scenario: 'x' }))).text).toContain('hint: there are checkout');
    expect((await refusal(trigger(folderWith(shopFiles), { scenario: 'x' }))).text).toContain(
      'a scenario is a file in events/scenarios such as',
    );
    expect((await refusal(trigger(project(), { scenario: 'checkout', set: ['data.a=1'] }))).text).toContain(
      'a scenario says itself what it sends',
    );
  });
});
