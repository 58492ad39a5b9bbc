import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { flagsOf, readDecisions } from '../../src/catalog/decisions.ts';
import type { Mutation } from '../../src/scan/report.ts';
import { reviewMutations } from '../../src/scan/review.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const DOWN = '\u001B[B';
const ENTER = '\r';
const CTRL_C = '\u0003';

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

/** Takes what is printed, and outlives the prompts as the process's own output does. */
class Screen extends Writable {
  text = '';
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += stripVTControlCharacters(String(chunk));
    done();
  }
  override end(): this {
    return this;
  }
}

/** A person at the keyboard: answers each question once it stands on the screen. */
async function answer(...answers: readonly (readonly [question: RegExp, keys: string])[]) {
  const input = new PassThrough();
  const screen = new Screen();
  const reviewing = reviewMutations(fresh, { input, output: screen });
  // A rejection that comes while keys are still typed is the test's to see, below.
  reviewing.catch(() => undefined);
  for (const [question, keys] of answers) {
    await waitUntil(() => question.test(screen.text));
    screen.text = '';
    input.write(keys);
  }
  return [...(await reviewing)];
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
