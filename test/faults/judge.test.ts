import { expect, it } from 'vitest';
import { judge, type ObservedEvent } from './judge.ts';

const committed = [
  { subject: '1', eventType: 'order.created' },
  { subject: '1', eventType: 'order.updated' },
];
const created: ObservedEvent = { eventId: 'a', eventType: 'order.created', subject: '1', position: 1 };
const updated: ObservedEvent = { eventId: 'b', eventType: 'order.updated', subject: '1', position: 2 };

it('finds nothing amiss in repeats', () => {
  expect(judge(committed, [created, created, updated, created])).toEqual({
    lost: [],
    ghosts: [],
    reordered: [],
    duplicates: 2,
  });
});

it('finds what is lost', () => {
  expect(judge(committed, [created]).lost).toEqual([committed[1]]);
});

it('finds what was never committed', () => {
  const ghost = { ...created, eventId: 'c', subject: '2' };
  expect(judge(committed, [created, ghost, updated]).ghosts).toEqual([ghost]);
});

it('finds a change that is told twice with two ids', () => {
  const twin = { ...created, eventId: 'c', position: 3 };
  expect(judge(committed, [created, updated, twin]).ghosts).toEqual([twin]);
});

it('finds what arrives after its successor', () => {
  expect(judge(committed, [updated, created]).reordered).toEqual([created]);
});
