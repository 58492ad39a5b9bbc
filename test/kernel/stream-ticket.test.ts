import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { EventStream, EventStreamOptions } from '../../src/kernel/stream.ts';
import { createStreamTickets } from '../../src/kernel/stream-ticket.ts';
import { eventually } from '../helpers/eventually.ts';
import { createLiveLog } from '../helpers/live-log.ts';
import { createManualClock } from '../helpers/manual-clock.ts';

const KEY = Buffer.alloc(32, 7);
const TEN_MINUTES_MS = 600_000;

describe('a ticket', () => {
  const clock = createManualClock();
  const tickets = createStreamTickets(KEY, clock.now);
  const scope = { tenant: 'acme', filter: ['order.*'] };

  it('says again what it was issued for, to every process with the key', () => {
    const { ticket } = tickets.issue(scope);
    expect(createStreamTickets(KEY, clock.now).read(ticket)).toEqual({ isValid: true, scope });
    expect(ticket).toMatch(/^[\w-]+\.[\w-]{43}$/);
    const all = { tenant: undefined, filter: undefined };
    expect(tickets.read(tickets.issue(all).ticket)).toEqual({ isValid: true, scope: all });
  });

  it('is refused by a process with another key, or with a key of its own', () => {
    const { ticket } = tickets.issue(scope);
    for (const key of [Buffer.alloc(32, 8), undefined]) {
      const reading = createStreamTickets(key, clock.now).read(ticket);
      expect(reading).toEqual({ isValid: false, reason: 'invalid' });
    }
  });

  it('is signed with a key of its own, not with the encryption key', () => {
    const [payload, signature] = tickets.issue(scope).ticket.split('.');
    const sign = (key: Uint8Array): string =>
      createHmac('sha256', key).update(String(payload)).digest('base64url');
    expect(signature).not.toBe(sign(KEY));
    const info = 'evtgen event stream ticket v1';
    expect(signature).toBe(sign(new Uint8Array(hkdfSync('sha256', KEY, '', info, 32))));
  });

  it('expires after ten minutes, to the millisecond', async () => {
    const { ticket, expiresAtMs } = tickets.issue(scope);
    expect(expiresAtMs - clock.now()).toBe(TEN_MINUTES_MS);
    await clock.advance(TEN_MINUTES_MS - 1);
    expect(tickets.read(ticket).isValid).toBe(true);
    await clock.advance(1);
    expect(tickets.read(ticket)).toEqual({ isValid: false, reason: 'expired' });
  });

  it('is refused after any change', () => {
    const { ticket } = tickets.issue(scope);
    const [payload = '', signature = ''] = ticket.split('.');
    const claims = Buffer.from(payload, 'base64url').toString().replace('acme', 'evil');
    const changed = [
      `${Buffer.from(claims).toString('base64url')}.${signature}`,
      `${payload}.${signature.slice(0, -2)}`,
      `${payload}.`,
      payload,
      `${ticket}.${signature}`,
      `.${signature}`,
      '',
      '.',
      'é'.repeat(40),
    ];
    for (const other of changed) {
      expect(tickets.read(other)).toEqual({ isValid: false, reason: 'invalid' });
    }
  });
});

describe('the ticket of a stream', () => {
  const URL_OF_STREAM = 'http://shop.example/api/events/stream';

  function open(options: Partial<EventStreamOptions> = {}): {
    stream: EventStream;
    clock: ReturnType<typeof createManualClock>;
    append: ReturnType<typeof createLiveLog>['append'];
  } {
    const { store, logSignal, append } = createLiveLog();
    const clock = createManualClock();
    const authorize = (request: Request): { tenant: string } | undefined =>
      request.headers.get('cookie') === 'session=1' ? { tenant: 'acme' } : undefined;
    const stream = createEventStream({ store, logSignal, authorize, ticketKey: KEY, clock, ...options });
    return { stream, clock, append };
  }

  async function ask(stream: EventStream, query = ''): Promise<Record<string, string>> {
    const init = { method: 'POST', headers: { cookie: 'session=1' } };
    const response = await stream.ticket(new Request(`${URL_OF_STREAM}/ticket${query}`, init));
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return (await response.json()) as Record<string, string>;
  }

  async function status(stream: EventStream, url: string): Promise<[number, string | undefined]> {
    const response = await stream.handle(new Request(new URL(url, URL_OF_STREAM)));
    if (response.status === 200) {
      await response.body?.cancel();
      return [200, undefined];
    }
    return [response.status, ((await response.json()) as { code: string }).code];
  }

  it('opens the stream without other credentials, as often as it is used', async () => {
    const { stream, append } = open();
    append(3, { tenant: 'acme' });
    const issued = await ask(stream);
    expect(issued).toEqual({
      ticket: expect.any(String),
      expiresAt: '2026-01-01T00:10:00.000Z',
      url: `/api/events/stream?ticket=${issued['ticket']}`,
      position: 3,
    });
    for (const _ of [1, 2]) expect(await status(stream, issued['url'] ?? '')).toEqual([200, undefined]);
    expect(await status(stream, URL_OF_STREAM)).toEqual([401, 'unauthorized']);
  });

  it('shows the events of its tenant and types, whatever else is asked for', async () => {
    const { stream, append } = open();
    const { url } = await ask(stream, '?types=order.*');
    const response = await stream.handle(new Request(new URL(`${url}&lastEventId=0`, URL_OF_STREAM)));
    append(1, { tenant: 'other' });
    append(1, { tenant: 'acme', eventType: 'user.created' });
    append(1, { tenant: 'acme' });
    let text = '';
    const reader = response.body?.getReader();
    await eventually('the event came', async () => {
      text += Buffer.from((await reader?.read())?.value ?? []).toString();
      return text.includes('id: 3\nevent: order.created');
    });
    expect(text.match(/^event: .*$/gm)).toEqual(['event: order.created']);
    await reader?.cancel();
  });

  it.each([
    ['order.created', 200],
    ['order.*', 200],
    ['order.created,order.paid', 200],
    ['*', 200],
    ['user.created', 403],
    ['order.created,user.*', 403],
    ['orders.*', 403],
  ])('for order.* may be narrowed: types=%s answers %i', async (types, expected) => {
    const { stream } = open();
    const { url } = await ask(stream, '?types=order.*');
    expect((await status(stream, `${url}&types=${types}`))[0]).toBe(expected);
  });

  it('answers 401 once it has expired or was changed, so that a browser stops', async () => {
    const { stream, clock } = open();
    const { url = '' } = await ask(stream);
    expect(await status(stream, `${url}x.y`)).toEqual([401, 'ticket_invalid']);
    await clock.advance(TEN_MINUTES_MS);
    expect(await status(stream, url)).toEqual([401, 'ticket_expired']);
  });

  it('is given to nobody without credentials, and only by POST', async () => {
    const { stream } = open();
    const refused = await stream.ticket(new Request(`${URL_OF_STREAM}/ticket`, { method: 'POST' }));
    expect(refused.status).toBe(401);
    const got = await stream.ticket(new Request(`${URL_OF_STREAM}/ticket`));
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('answers 500 and logs what failed, without its message', async () => {
    const errors: unknown[] = [];
    const error = (text: string, fields?: object): void => void errors.push([text, fields]);
    const logger = { info: () => undefined, warn: () => undefined, error };
    const authorize = (): never => {
      throw new Error('the session store is away');
    };
    const { stream } = open({ logger, authorize });
    const response = await stream.ticket(new Request(`${URL_OF_STREAM}/ticket`, { method: 'POST' }));
    expect([response.status, response.headers.get('content-type')]).toEqual([
      500,
      'application/problem+json',
    ]);
    expect(await response.text()).not.toContain('session store');
    expect(errors).toEqual([
      ['POST /api/events/stream/ticket failed', { error: 'the session store is away' }],
    ]);
  });

  it('needs a key that all processes share, in production', () => {
    expect(() => open({ isProduction: true, ticketKey: undefined })).toThrow(/encryption key/);
  });
});
