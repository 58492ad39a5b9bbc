import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ProblemError } from '../../src/kernel/problem.ts';
import { signatureHeaders } from '../../src/kernel/sign.ts';
import type { ReceiverOptions, Webhook, WebhookHandler } from '../../src/receivers/receive.ts';
import { eventually } from '../helpers/eventually.ts';
import { HOOK, hosts, type Host, type RunningApp } from './hosts.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** What parsing and writing again would change. */
const BODY = Buffer.from('{ "total" : 42.00,\r\n\t"note": "caf\\u00e9 Ünï" }\n');
const TYPES = ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'];
const MAX_BYTES = 2 * 1024 * 1024;

describe.each(hosts)('$name', (host) => {
  it('hands on the exact bytes of a signed message, while other routes have their JSON parsed', async () => {
    const { app, webhooks } = await start(host);
    const headers: Record<string, string> = { ...signed(BODY), 'x-shop': 'berlin' };
    const response = await post(app, BODY, headers, `${HOOK}?from=shop`);
    expect([response.status, await response.text()]).toEqual([204, '']);
    const [webhook] = webhooks;
    expect(Buffer.from(webhook?.body ?? []).equals(BODY)).toBe(true);
    expect(webhook).toMatchObject({
      id: headers['webhook-id'],
      timestamp: Number(headers['webhook-timestamp']),
      target: `${HOOK}?from=shop`,
    });
    expect(webhook?.headers.get('X-Shop')).toBe('berlin');
    expect(webhook?.json()).toEqual({ total: 42, note: 'café Ünï' });

    const order = await post(app, Buffer.from('{ "items": [1] }'), {}, '/orders');
    expect(await order.text()).toBe('{"items":[1]}');
  });

  it('refuses a changed body and says no more than the code', async () => {
    const { app, handler, onProblem } = await start(host);
    const response = await post(app, Buffer.from('{"total":4200}'), signed(BODY));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'signature_mismatch',
      detail: 'the signature could not be verified',
    });
    expect(handler).not.toHaveBeenCalled();
    expect(onProblem).toHaveBeenCalledExactlyOnceWith({
      status: 400,
      code: 'signature_mismatch',
      message: 'no signature matches the body, id and timestamp with any of the secrets',
      error: undefined,
    });
  });

  it('refuses a message without a signature', async () => {
    const { app, handler } = await start(host);
    const response = await post(app, BODY, {});
    expect([response.status, await codeOf(response)]).toEqual([400, 'header_missing']);
    expect(handler).not.toHaveBeenCalled();
  });

  it('takes bodies up to its own limit, whatever that of the framework, and answers 413 beyond', async () => {
    const isParsed = host.leaves === 'bytes';
    const { app, handler } = await start(host, { maxBytes: isParsed ? 1000 : MAX_BYTES });
    const limit = isParsed ? 1000 : MAX_BYTES;
    const largest = Buffer.from(`["${'x'.repeat(limit - 4)}"]`);
    expect((await post(app, largest, signed(largest))).status).toBe(204);
    const tooLarge = Buffer.from(`["${'x'.repeat(limit - 3)}"]`);
    const announced = await post(app, tooLarge, signed(tooLarge));
    expect([announced.status, await codeOf(announced)]).toEqual([413, 'body_too_large']);
    // Longer than what lies in buffers: the sender is still at it when the answer is there.
    const long = isParsed ? tooLarge : Buffer.concat([tooLarge, tooLarge, tooLarge, tooLarge]);
    const chunked = await post(app, streamOf(long, 64 * 1024), signed(tooLarge));
    expect([chunked.status, await codeOf(chunked)]).toEqual([413, 'body_too_large']);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('puts a chunked body together', async () => {
    const { app, webhooks } = await start(host);
    const response = await post(app, streamOf(BODY, 7), signed(BODY));
    expect(response.status).toBe(204);
    expect(Buffer.from(webhooks[0]?.body ?? []).equals(BODY)).toBe(true);
  });

  it('keeps bytes that are no UTF-8, and answers 400 where they are read as JSON', async () => {
    const latin1 = Buffer.from('{"name":"M\xfcller"}', 'latin1');
    // Nest's parsers refuse such JSON themselves; as a form they let it pass.
    const type = {
      'content-type': host.leaves === 'bytes' ? 'application/x-www-form-urlencoded' : 'application/json',
    };
    const bytes = await start(host);
    expect((await post(bytes.app, latin1, { ...signed(latin1), ...type })).status).toBe(204);
    expect(Buffer.from(bytes.webhooks[0]?.body ?? []).equals(latin1)).toBe(true);

    const parsing = await start(host, {}, (webhook) => void webhook.json());
    for (const body of [latin1, Buffer.from('total=4200')]) {
      const response = await post(parsing.app, body, { ...signed(body), ...type });
      expect([response.status, await codeOf(response)]).toEqual([400, 'malformed_json']);
    }
  });

  it.each(TYPES.filter((type) => host.types?.test(type) !== false))('keeps the bytes of %s', async (type) => {
    const body = Buffer.from('Body=caf%C3%A9+%2B&From=%2B49');
    const { app, webhooks } = await start(host);
    const response = await post(app, body, { ...signed(body), 'content-type': type });
    expect(response.status).toBe(204);
    expect(Buffer.from(webhooks[0]?.body ?? []).equals(body)).toBe(true);
  });

  it('answers 500 without details when the handler throws, so that the sender tries again', async () => {
    const errors = [new Error('orders_2026 is locked'), problem404];
    const { app, onProblem } = await start(host, {}, () => {
      throw errors.shift();
    });
    const [first, second] = [await post(app, BODY, signed(BODY)), await post(app, BODY, signed(BODY))];
    expect([first.status, second.status]).toEqual([500, 500]);
    expect(await first.text()).not.toContain('orders_2026');
    expect(onProblem).toHaveBeenNthCalledWith(
      1,
      expect.objectContaining({
        status: 500,
        code: 'internal_error',
        message: expect.stringContaining('orders_2026 is locked') as string,
      }),
    );
    expect(onProblem).toHaveBeenNthCalledWith(2, expect.objectContaining({ error: problem404 }));
  });

  it('sends the response that the handler returns, and takes nothing else for one', async () => {
    const answers = [Response.json({ challenge: '3eZbrw1a' }, { status: 202 }), { status: 418 }];
    const { app } = await start(host, {}, () => answers.shift());
    const response = await post(app, BODY, signed(BODY));
    expect([response.status, await response.text()]).toEqual([202, '{"challenge":"3eZbrw1a"}']);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect((await post(app, BODY, signed(BODY))).status).toBe(204);
  });

  it('lives on when the sender goes away in the middle', async () => {
    const { app, handler, onProblem } = await start(host);
    await sendHalf(app);
    expect((await post(app, BODY, signed(BODY))).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    // A parser that comes first sees it first, and then nobody calls the receiver.
    const seen = host.leaves === 'nothing' ? ['body_incomplete'] : [];
    await eventually('the receiver sees the end', () => onProblem.mock.calls.length === seen.length);
    expect(onProblem.mock.calls.map(([{ code }]) => code)).toEqual(seen);
  });
});

describe.each(hosts.filter(({ leaves }) => leaves === 'nothing'))('$name, after a body parser', (host) => {
  it('says what to do instead of checking other bytes', async () => {
    const { app, handler, onProblem } = await start(host, {}, undefined, true);
    const response = await post(app, BODY, signed(BODY));
    expect(response.status).toBe(500);
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    expect(code).toBe('body_already_read');
    expect(detail).toMatch(/before (?:express\.json|request\.json)\(\)/);
    expect(handler).not.toHaveBeenCalled();
    expect(onProblem).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ status: 500, message: detail }),
    );
  });
});

const problem404 = new ProblemError({ status: 404, code: 'not_found', detail: 'no such order' });

interface Started {
  readonly app: RunningApp;
  readonly webhooks: readonly Webhook[];
  readonly handler: ReturnType<typeof vi.fn<WebhookHandler>>;
  readonly onProblem: ReturnType<typeof vi.fn<NonNullable<ReceiverOptions['onProblem']>>>;
}

async function start(
  host: Host,
  options: Pick<ReceiverOptions, 'maxBytes'> = {},
  handle: WebhookHandler = () => undefined,
  isParsedFirst = false,
): Promise<Started> {
  const webhooks: Webhook[] = [];
  const handler = vi.fn<WebhookHandler>((webhook) => {
    webhooks.push(webhook);
    return handle(webhook);
  });
  const onProblem = vi.fn<NonNullable<ReceiverOptions['onProblem']>>();
  const app = await host.start({ secrets: [SECRET], onProblem, ...options }, handler, isParsedFirst);
  onTestFinished(() => app.close());
  return { app, webhooks, handler, onProblem };
}

function signed(body: Uint8Array): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  return signatureHeaders({ id: 'evt_01', timestamp, body, secrets: [SECRET] });
}

/** A message whose sender goes away once the server has its headers: that is when it says 100 Continue. */
async function sendHalf(app: RunningApp): Promise<void> {
  const socket = connect(app.port, '127.0.0.1');
  const fields = { ...signed(BODY), 'content-type': 'application/json', expect: '100-continue' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${HOOK} HTTP/1.1\r\nhost: x\r\n${lines.join('')}content-length: ${BODY.length}`;
  socket.write(`${head}\r\n\r\n${BODY.subarray(0, 10).toString()}`);
  await once(socket, 'data');
  socket.destroy();
}

function post(
  app: RunningApp,
  body: Buffer | ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  target: string = HOOK,
): Promise<Response> {
  return fetch(app.origin + target, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    duplex: 'half',
  });
}

/** Sent chunked. */
function streamOf(bytes: Buffer, size: number): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(offset, (offset += size)));
    },
  });
}

async function codeOf(response: Response): Promise<string> {
  const { code } = (await response.json()) as { code: string };
  return code;
}
