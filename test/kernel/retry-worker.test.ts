import { expect, test } from 'vitest';
import { createRetryWorker } from '../../src/kernel/retry-worker.ts';
import { createSignal } from '../../src/kernel/signal.ts';

test('a statement that hangs on a dead connection does not hang the stop', async () => {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  let hangs = (): void => undefined;
  const hung = new Promise<void>((resolve) => (hangs = resolve));
  const claim = (): Promise<never> => {
    hangs();
    return new Promise(() => undefined);
  };
  const worker = createRetryWorker({
    store: { deliveries: { dueInMs: () => Promise.resolve(0), claim, update: () => Promise.resolve() } },
    deliver: () => Promise.reject(new Error('unused')),
    settle: () => Promise.reject(new Error('unused')),
    dueSignal: createSignal(),
    drainTimeoutMs: 20,
    logger: { info: silent, error: silent, warn: (message) => void warnings.push(message) },
  });
  worker.start();
  await hung;
  await worker.stop();
  expect(warnings).toEqual(['retries still had work in hand when it was stopped']);
});
