import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually, startServe, type LocalServer } from './local-server.ts';

/** Real seconds between the attempts of a day: 26 h 36 m in all. */
const DAY_SECONDS = [60, 300, 1800, 7200, 86_400];
/** `EVTGEN_TEST_TIME_SCALE=3600` watches the day in 27 seconds, and makes no allowance for a busy machine. */
const ASKED_SCALE = process.env['EVTGEN_TEST_TIME_SCALE'];
const TIME_SCALE = Number(ASKED_SCALE ?? 36_000);
const JITTER = 0.1;
/** A busy machine may delay an attempt of one day; none may ever come early, and a fault would delay it every day. */
const MOST_DAYS = ASKED_SCALE === undefined ? 3 : 1;

it(
  `keeps the proportions of a day of retries, ${TIME_SCALE} times faster`,
  { timeout: 120_000 },
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'evtgen-time-'));
    const patient = 'patient=503,retry-after:2h,fail-next:1';
    const server = await startServe(
      cwd,
      '--in-memory',
      `--time-scale=${TIME_SCALE}`,
      `--receiver=${patient}`,
    );
    try {
      const schedule = {
        timeScale: TIME_SCALE,
        realMs: DAY_SECONDS.map((seconds) => seconds * 1000),
        compressedMs: DAY_SECONDS.map((seconds) => (seconds * 1000) / TIME_SCALE),
      };
      expect(server).toMatchObject({ schedule });
      expect(await server.overview()).toMatchObject({ schedule });
      const busyMs = ASKED_SCALE === undefined ? 3 * (await latenessOf(server, schedule.compressedMs)) : 0;
      await server.request('PUT', '/_receive/default/behaviour', { status: 500 });

      const begunAt = Date.now();
      let rows: ReturnType<typeof boundsOf>[] = [];
      let shortest = DAY_SECONDS.map(() => Infinity);
      let day: Awaited<ReturnType<LocalServer['received']>>;
      for (let days = 1; ; days++) {
        await server.request('DELETE', '/_receive/default/requests');
        const begun = performance.now();
        await server.request('POST', '/events', { type: 'order.created' });
        day = await server.received('default', 6);
        const tookMs = performance.now() - begun;

        const gaps = await eventually(
          () => gapsOf(server, 'default'),
          ({ length }) => length === 5,
        );
        shortest = shortest.map((gap, index) => Math.min(gap, gaps[index] ?? NaN));
        rows = shortest.map((gap, index) => boundsOf(gap, schedule.compressedMs[index] ?? NaN, busyMs));
        process.stdout.write(`${rows.map(({ text }) => text).join('\n')}\n${Math.round(tookMs)} ms in all\n`);
        expect(tookMs).toBeLessThan(60_000);
        if (days === MOST_DAYS || rows.every(({ isKept }) => isKept)) break;
      }
      expect(rows.filter(({ isKept }) => !isKept)).toEqual([]);

      // The first event of all met a receiver that asked for two hours: compressed alike, and without jitter.
      const [asked] = await eventually(
        () => gapsOf(server, 'patient', -1),
        ({ length }) => length === 1,
      );
      expect(asked).toBeGreaterThanOrEqual(7_200_000 / TIME_SCALE - 1);
      expect(asked).toBeLessThan(20_000);
      // So is the time for which a secret that was rotated away signs.
      const { subscriptions } = await server.overview();
      const patientId = subscriptions.find(({ url }) => url.endsWith('/patient'))?.id;
      const before = Date.now();
      const rotated = await server.request('POST', `/webhooks/${patientId}/rotate-secret`, {});
      const until = Date.parse((rotated.body as { previousSecretExpiresAt: string }).previousSecretExpiresAt);
      const overlapMs = Math.ceil(86_400 / TIME_SCALE) * 1000;
      expect(until).toBeGreaterThanOrEqual(before + overlapMs);
      expect(until).toBeLessThanOrEqual(Date.now() + overlapMs);
      // And the days after which an endpoint is given up: the first event was one of five.
      const more = Array.from({ length: 4 }, () => ({ type: 'order.created' }));
      await server.request('POST', '/events', more);
      await eventually(server.overview, ({ subscriptions: now }) =>
        now.some(({ url, state }) => url.endsWith('/default') && state === 'deactivated'),
      );
      // Timestamps are real, in whole seconds.
      for (const { headers, receivedAt } of day.requests) {
        const signedAt = Number(headers['webhook-timestamp']) * 1000;
        expect(signedAt).toBeLessThanOrEqual(Date.parse(receivedAt));
        expect(signedAt).toBeGreaterThan(begunAt - 1_000);
      }
    } finally {
      await server.running.stop('SIGTERM');
    }
  },
);

/** By how much retries come late here and now: code that runs for the first time is slow, and so is a busy machine. */
async function latenessOf(server: LocalServer, compressedMs: readonly number[]): Promise<number> {
  let late = 0;
  for (const round of [1, 2, 3]) {
    await server.request('DELETE', '/_receive/default/requests');
    await server.request('PUT', '/_receive/default/behaviour', { status: 500, failNext: 2 });
    await server.request('POST', '/events', { type: 'order.warmed_up', data: { round } });
    await server.received('default', 3);
    const gaps = await eventually(
      () => gapsOf(server, 'default'),
      ({ length }) => length === 2,
    );
    late = Math.max(...gaps.map((gap, index) => gap - (compressedMs[index] ?? NaN)));
  }
  await server.request('DELETE', '/_receive/default/requests');
  return Math.max(0, late);
}

/** Between the attempts of an event, the newest unless it is another, as the sender saw them. */
async function gapsOf(server: LocalServer, receiver: string, which: 0 | -1 = 0): Promise<number[]> {
  const event = (await server.overview()).events.at(which);
  const delivery = event?.deliveries.find(({ url }) => url.endsWith(`/_receive/${receiver}`));
  const times = (delivery?.attempts ?? []).map(({ at }) => Date.parse(at));
  return times.slice(1).map((time, index) => time - (times[index] ?? NaN));
}

/** Within a tenth beside the jitter of a tenth, or 100 ms where that is more: an attempt takes its time as well. */
function boundsOf(gap: number, wanted: number, busyMs: number) {
  const least = wanted * (1 - JITTER) - 1;
  const most = wanted * (1 + JITTER) + Math.max(wanted * 0.1, 100) + busyMs;
  const text = `${gap} ms for ${wanted.toFixed(1)} ms, of ${least.toFixed(1)} to ${most.toFixed(1)} ms`;
  return { isKept: gap >= least && gap <= most, text };
}
