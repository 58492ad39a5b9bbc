import { expect, test } from 'vitest';
import { brokers } from '../../src/brokers/index.ts';
import { formatters } from '../../src/generate/formatters.ts';
import { routeBindings } from '../../src/routes/index.ts';
import { stores } from '../../src/stores/index.ts';
import { brokerClients } from './broker-clients.ts';
import { takenAt } from '../helpers/turns.ts';
import { chooseFixtures, IN_A_TURN } from './choose.ts';
import { FIXTURES } from './fixtures.ts';

test.each([
  ['framework', routeBindings.map(({ id }) => id), FIXTURES.map(({ framework }) => framework)],
  ['store', stores.map(({ id }) => id), FIXTURES.map(({ store }) => store)],
  ['formatter', formatters.map(({ id }) => id), FIXTURES.map(({ formatter }) => formatter)],
  [
    'broker, by each of its clients,',
    brokers.map(({ id, packages }) => `${id} by ${packages[0]}`),
    FIXTURES.map(({ broker, client }) => `${broker} by ${client}`),
  ],
  ['broker that is read', Object.keys(brokerClients), FIXTURES.map(({ broker }) => broker)],
  [
    'TypeScript',
    ['5.4', '5.9', '6.0', '7.0', undefined],
    FIXTURES.map(({ typescript }) => typescript as string | undefined),
  ],
])('every %s that evtgen writes for is that of a fixture', (_, claimed, tried) => {
  expect(claimed.filter((id) => tried.includes(id as never) === false)).toEqual([]);
});

test('every fixture has its turn', () => {
  const turns = FIXTURES.map((_, turn) => takenAt(String(20_000 + turn), FIXTURES, IN_A_TURN));
  expect(new Set(turns.flat())).toEqual(new Set(FIXTURES));
  expect(takenAt('all', FIXTURES, IN_A_TURN)).toBe(FIXTURES);
});

test('a fixture that does not exist is no run that finds nothing', () => {
  expect(() => chooseFixtures('express-orders,rails-orders')).toThrow('rails-orders');
});
