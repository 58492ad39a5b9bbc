import { describe, expect, it } from 'vitest';
import { flagsOf, readDecisions } from '../../src/catalog/decisions.ts';
import type { Mutation } from '../../src/scan/report.ts';
import { reviewMutations } from '../../src/scan/review.ts';
import { answering, CTRL_C, DOWN, ENTER, type Answer } from '../helpers/keyboard.ts';

function mutation(path: string, eventType: string | null, kind: Mutation['kind'] = 'mutation'): Mutation {
  return {
    method: 'POST',
    path,
    framework: 'express',
    file: 'src/app.ts',
    line: 1,
    partial: false,
    kind,
    eventType,
    confidence: 'high',
    payload: null,
    payloadSource: 'none',
    sensitive: [],
  };
}
const fresh = [
  mutation('/orders', 'order.created'),
  mutation('/orders/:id/ship', 'order.shipped'),
  mutation('/orders/search', null, 'query'),
];

async function answer(...answers: readonly Answer[]) {
  return [...(await answering(answers, (streams) => reviewMutations(fresh, streams)))];
}

describe('the review of new mutations', () => {
  it('takes the proposals when nothing is changed', async () => {
    expect(await answer([/emit an event/, ENTER], [/want to change/, ENTER])).toEqual([
      ['POST /orders', { event: 'order.created' }],
      ['POST /orders/:id/ship', { event: 'order.shipped' }],
      ['POST /orders/search', { ignore: 'query' }],
    ]);
  });

  it('asks for the names that are to change, and why the rest is ignored', async () => {
    const decisions = await answer(
      [/emit an event/, ` ${DOWN}${ENTER}`],
      [/want to change/, ` ${ENTER}`],
      [/Event type of POST \/orders\/:id\/ship/, `_twice${ENTER}`],
      [/Why does POST \/orders need no event/, `not settled${ENTER}`],
    );
    expect(decisions).toEqual([
      ['POST /orders/:id/ship', { event: 'order.shipped_twice' }],
      ['POST /orders', { ignore: 'not settled' }],
      ['POST /orders/search', { ignore: 'query' }],
    ]);
  });

  it('names what is of another kind when the user wants an event for it, and refuses what is no name', async () => {
    const decisions = await answer(
      [/emit an event/, `${DOWN}${DOWN} ${ENTER}`],
      [/want to change/, ENTER],
      [/Event type of POST \/orders\/search/, `Searched${ENTER}`],
      [/is no event type/, `${'\b'.repeat(8)}order.searched${ENTER}`],
    );
    expect(decisions).toContainEqual(['POST /orders/search', { event: 'order.searched' }]);
  });

  it('decides nothing on Ctrl-C', async () => {
    await expect(answer([/emit an event/, CTRL_C])).rejects.toMatchObject({ name: 'ExitPromptError' });
  });

  it('is said again by flags, which come to the same decisions', () => {
    const decisions = new Map([
      ['POST /orders', { event: 'order.placed' }],
      ['POST /orders/:id/ship', { ignore: "it's internal" }],
      ['POST /orders/search', { event: 'order.searched' }],
    ]);
    const flags = flagsOf(decisions, fresh);
    expect(flags).toEqual([
      '--name',
      "'POST /orders=order.placed'",
      '--ignore',
      String.raw`'POST /orders/:id/ship=it'\''s internal'`,
      '--name',
      "'POST /orders/search=order.searched'",
    ]);
    expect(
      readDecisions(
        {
          name: ['POST /orders=order.placed', 'POST /orders/search=order.searched'],
          ignore: ["POST /orders/:id/ship=it's internal"],
        },
        fresh,
      ),
    ).toEqual(decisions);
  });
});
