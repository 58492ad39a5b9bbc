import { expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import type { LoggedEvent } from '../../src/kernel/event.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import type { StreamConnection } from '../../src/kernel/stream-groups.ts';
import { createStreamHub } from '../../src/kernel/stream-hub.ts';
import type { StreamSink } from '../../src/kernel/stream-sink.ts';
import { eventually } from '../helpers/eventually.ts';

it('sends a client whose replay read further than the follower nothing twice', async () => {
  const log: LoggedEvent[] = [];
  const logSignal = createSignal();
  const read = (after: number): Promise<LoggedEvent[]> =>
    Promise.resolve(log.filter((event) => event.position > after));
  const options = { heartbeatMs: 60_000, maxBufferBytes: 1_000_000, clock: systemClock };
  const hub = createStreamHub({ log: { read }, logSignal, start: 0, ...options });

  const connect = (cursor: number): { connection: StreamConnection; ids: () => string[] } => {
    let text = '';
    const sink: StreamSink = {
      write: ({ plain }): boolean => (text += Buffer.from(plain).toString()) !== '',
      bufferedBytes: () => 0,
      drained: () => Promise.resolve(),
      end: () => undefined,
      cut: () => undefined,
      isClosed: () => false,
      closed: new Promise(() => undefined),
    };
    const connection = { sink, tenant: undefined, filter: undefined, cursor };
    return { connection, ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1] ?? '') };
  };
  const current = connect(0);
  const ahead = connect(2);
  expect([hub.attach(current.connection), hub.attach(ahead.connection)]).toEqual([true, true]);
  for (const position of [1, 2, 3]) {
    const event = {
      eventId: String(position),
      eventType: 'order.created',
      version: 1,
      audience: 'public',
    } as const;
    log.push({ ...event, position, timestamp: '', subject: undefined, tenant: undefined, body: '{"a":1}' });
  }
  logSignal.notify();
  await eventually('the follower is there', () => hub.position() === 3);
  expect([current.ids(), ahead.ids()]).toEqual([['1', '2', '3'], ['3']]);
  expect(hub.attach(connect(2).connection)).toBe(false);
  hub.close();
});
