import { expect, it, onTestFinished } from 'vitest';
import { createLiveUpdates } from '../../src/serve/live.ts';
import { waitUntil } from '../helpers/wait-until.ts';

it('keeps nothing for a page that has stopped reading, and tells it of the newest when it goes on', async () => {
  const live = createLiveUpdates();
  onTestFinished(live.close);
  const texts: string[] = [];
  const awake = live.open().body?.getReader();
  const asleep = live.open().body?.getReader();
  const read = async (): Promise<string> => Buffer.from((await asleep?.read())?.value ?? []).toString();
  void (async () => {
    for (;;) {
      const { done, value } = (await awake?.read()) ?? { done: true, value: undefined };
      if (done) return;
      texts.push(Buffer.from(value ?? []).toString());
    }
  })();
  const changes = (): number => texts.filter((text) => text.includes('event: changed')).length;
  for (let change = 1; change <= 5; change++) {
    live.changed();
    await waitUntil(() => changes() === change);
  }
  expect(await read()).toMatch(/^retry:/);
  expect(await read()).toBe(texts.at(-1));
  const more = read();
  live.changed();
  await waitUntil(() => changes() === 6);
  expect(await more).toBe(texts.at(-1));
});
