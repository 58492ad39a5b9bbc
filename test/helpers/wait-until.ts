import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every few milliseconds until it is so; for what other threads, processes and servers do. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await isSo()) === false) {
    if (performance.now() > deadline) throw new Error(`not so after ${timeoutMs} ms: ${isSo.toString()}`);
    await sleep(5);
  }
}
