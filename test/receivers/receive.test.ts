import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { UnderlyingSource } from 'node:stream/web';
import express from 'express';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SecretError } from '../../src/kernel/secret.ts';
import { signatureHeaders } from '../../src/kernel/sign.ts';
import { webhookReceiver as expressReceiver } from '../../src/receivers/express.ts';
import { webhookReceiver as nestReceiver } from '../../src/receivers/nest.ts';
import { readNodeMessage } from '../../src/receivers/node-body.ts';
import { webhookReceiver as nodeReceiver } from '../../src/receivers/node.ts';
import type {
  ReceiverOptions,
  ReceiverProblem,
  SecretSource,
  WebhookHandler,
} from '../../src/receivers/receive.ts';
import { webhookReceiver } from '../../src/receivers/web.ts';
import { sign, verify, type SchemeName } from '../../src/verify/index.ts';
import { eventually } from '../helpers/eventually.ts';
import { startExpress, type RunningApp } from './hosts.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmI';
const URL_OF_SHOP = 'https://shop.example/hooks/shop?tenant=7';
const BODY = Buffer.from('{"total":4200}');

describe('the secrets', () => {
  it.each([
    [[]],
    [['']],
    [['whsec_%%']],
    [['whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']],
    [[undefined as never]],
  ])('are refused at start when they cannot be used: %j', (secrets) => {
    expect(() => webhookReceiver({ secrets }, ignore)).toThrow(
      secrets.length === 0 ? RangeError : SecretError,
    );
  });

  it('may be those of a function, which sees the message and is asked every time', async () => {
    const secrets = vi.fn<Extract<SecretSource, (message: never) => unknown>>(({ target }) =>
      Promise.resolve(target.endsWith('tenant=7') ? [OTHER, SECRET] : [OTHER]),
    );
    const receive = webhookReceiver({ secrets }, ignore);
    expect(secrets).not.toHaveBeenCalled();
    expect((await receive(message())).status).toBe(204);
    expect((await receive(message({ url: 'https://shop.example/hooks/shop?tenant=8' }))).status).toBe(400);
    expect(secrets).toHaveBeenCalledTimes(2);
  });

  it('answer 500, and nothing of themselves, when a function gives what cannot be used', async () => {
    const { receive, problems } = receiver({ secrets: () => ['whsec_%%secret%%'] });
    const response = await receive(message());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret%%');
    expect(problems).toMatchObject([{ code: 'internal_error', error: { name: 'SecretError' } }]);
  });
});

describe('the clock', () => {
  it.each([[[SECRET]], [() => [SECRET]]])(
    'has a tolerance that is a number, or nothing starts',
    (secrets) => {
      // Nothing is older than NaN.
      expect(() => webhookReceiver({ secrets, toleranceSeconds: Number.NaN }, vi.fn())).toThrow(RangeError);
    },
  );

  it.each([
    [-301, undefined, 'timestamp_too_old'],
    [320, undefined, 'timestamp_too_new'],
    [-301, 600, null],
    [-30, 10, 'timestamp_too_old'],
  ])('of a message from %i s, with a tolerance of %s', async (offset, toleranceSeconds, code) => {
    for (const secrets of [[SECRET], () => [SECRET]]) {
      const { receive, problems } = receiver({ secrets, toleranceSeconds });
      expect((await receive(message({ offset }))).status).toBe(code === null ? 204 : 400);
      expect(problems.map((problem) => problem.code)).toEqual(code === null ? [] : [code]);
    }
  });
});

describe('a check of one’s own', () => {
  it.each<[SchemeName, string]>([
    ['stripe', 'whsec_shop'],
    ['github', 'shop'],
    ['slack', 'shop'],
    ['square', 'shop'],
  ])('verifies %s with evtgen/verify', async (scheme, secret) => {
    const { receive, problems, handler } = receiver({
      check: (received) =>
        verify({ ...received, url: `https://shop.example${received.target}`, secrets: [secret], scheme }),
    });
    const headers = sign({ body: BODY, secrets: [secret], scheme, id: 'evt_1', url: URL_OF_SHOP });
    const request = (body: Buffer<ArrayBuffer>): Request =>
      new Request(URL_OF_SHOP.replace('shop.example', '10.0.0.7'), { method: 'POST', headers, body });
    expect((await receive(request(BODY))).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    const refused = await receive(request(Buffer.from('{"total": 4200}')));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'body_reformatted' });
    expect(problems).toMatchObject([{ status: 400, code: 'body_reformatted' }]);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('hands its id and timestamp on, and null for none', async () => {
    const results = [{ ok: true, id: 'whk_1', timestamp: 1_767_323_045 }, { ok: true }];
    const { receive, handler } = receiver({ check: () => results.shift() ?? { ok: false } });
    await receive(message());
    await receive(message());
    expect(handler.mock.calls.map(([{ id, timestamp }]) => [id, timestamp])).toEqual([
      ['whk_1', 1_767_323_045],
      [null, null],
    ]);
  });

  it.each([true, 'ok', {}, { ok: 1 }, { ok: false }, null, undefined])(
    'lets nothing pass but ok: true (%j)',
    async (result) => {
      const check = (() => result) as unknown as () => { ok: boolean };
      const { receive, handler } = receiver({ check });
      expect((await receive(message())).status).toBeGreaterThanOrEqual(400);
      expect(handler).not.toHaveBeenCalled();
    },
  );

  it('that throws is a failure of the receiver, not of the sender', async () => {
    const { receive, handler, problems } = receiver({
      check: () => Promise.reject(new Error('no such key')),
    });
    expect((await receive(message())).status).toBe(500);
    expect(handler).not.toHaveBeenCalled();
    expect(problems).toMatchObject([{ code: 'internal_error', error: { message: 'no such key' } }]);
  });
});

describe('problems that nobody asked for', () => {
  it('go to stderr when the receiver failed, and nowhere when the sender did', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const receive = webhookReceiver({ secrets: [SECRET] }, () => {
      throw new Error('orders are locked');
    });
    await receive(new Request(URL_OF_SHOP, { method: 'POST', body: BODY }));
    expect(write).not.toHaveBeenCalled();
    await receive(message());
    expect(write).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^webhook receiver: internal_error: Error: orders are locked\n/),
    );
  });
});

describe('the stream of a Request', () => {
  const streamed = (source: UnderlyingSource<Uint8Array>): Request =>
    new Request(URL_OF_SHOP, { ...init(BODY), body: new ReadableStream(source) });

  it('is let go at the limit, whatever content-length says', async () => {
    const cancel = vi.fn<() => void>();
    const { receive, problems } = receiver({ secrets: [SECRET], maxBytes: 100 });
    const request = streamed({ pull: (controller) => controller.enqueue(new Uint8Array(40)), cancel });
    expect((await receive(request)).status).toBe(413);
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(problems).toMatchObject([{ code: 'body_too_large' }]);
  });

  it('is not read at all when content-length is beyond the limit', async () => {
    const pull = vi.fn<() => void>();
    const { receive } = receiver({ secrets: [SECRET], maxBytes: 100 });
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const headers = { 'content-length': '101' };
    const request = new Request(URL_OF_SHOP, { method: 'POST', headers, body, duplex: 'half' });
    expect((await receive(request)).status).toBe(413);
    expect(pull).not.toHaveBeenCalled();
  });

  it('that breaks off is a message that did not come whole', async () => {
    const { receive, problems, handler } = receiver({ secrets: [SECRET] });
    const request = streamed({ pull: (controller) => controller.error(new Error('gone')) });
    expect((await receive(request)).status).toBe(400);
    expect(problems).toMatchObject([{ code: 'body_incomplete' }]);
    expect(handler).not.toHaveBeenCalled();
  });

  it('may be missing', async () => {
    const { receive, handler } = receiver({ secrets: [SECRET] });
    const empty = Buffer.alloc(0);
    const { headers } = init(empty);
    expect((await receive(new Request(URL_OF_SHOP, { method: 'POST', headers }))).status).toBe(204);
    expect(handler.mock.calls[0]?.[0].body.length).toBe(0);
  });
});

describe('a request of Node.js', () => {
  it('is answered before its body comes when content-length is beyond the limit', async () => {
    const { app } = await startWith((_request, _response, next) => next(), 100);
    const request = httpRequest(app.origin, { method: 'POST', headers: { 'content-length': '101' } });
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.on('error', () => undefined).destroy();
  });

  it.each([new Error('broken'), undefined])('may break off with %s, as simulated ones do', async (error) => {
    const stream = new Readable({
      read() {
        this.destroy(error);
      },
    });
    const request = Object.assign(stream, { headers: {} }) as unknown as IncomingMessage;
    await expect(readNodeMessage(request, 100)).rejects.toThrow('the body did not come whole');
  });

  it('may be one of HTTP/2, whose stream may break', async () => {
    const { listener, handler, problems } = http2Receiver();
    const server = createHttp2Server(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    const { headers } = init(BODY);
    const good = session.request({ ':method': 'POST', ':path': '/hooks/shop?tenant=7', ...headers });
    good.end(BODY);
    const [answer] = (await once(good, 'response')) as [Record<string, unknown>];
    expect(answer[':status']).toBe(204);
    expect(handler.mock.calls[0]?.[0]).toMatchObject({ target: '/hooks/shop?tenant=7' });

    const broken = session.request({ ':method': 'POST', ':path': '/hooks/shop', ...headers });
    broken.on('error', () => undefined).write(BODY.subarray(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    broken.close(constants.NGHTTP2_INTERNAL_ERROR);
    await eventually('the receiver gives up', () => problems.length > 0);
    // node:http2 may end the body as if it were whole; the signature tells.
    expect(problems).toMatchObject([{ status: 400 }]);
    expect(handler).toHaveBeenCalledTimes(1);
  });
});

describe('before the receiver', () => {
  it('an empty body that a parser read is an empty body', async () => {
    const { app } = await startWith(express.json());
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    const response = await fetch(app.origin, { ...init(Buffer.alloc(0)), body });
    expect(response.status).toBe(204);
  });

  it('an encoding that something set makes text of the bytes, which is no longer what was signed', async () => {
    const { app, problems } = await startWith((request, _response, next) => {
      request.setEncoding('utf8');
      next();
    });
    expect((await fetch(app.origin, init(BODY))).status).toBe(500);
    expect(problems).toMatchObject([{ code: 'body_already_read' }]);
  });

  it('the sender may have gone', async () => {
    const { app, problems, handler } = await startWith(async (request, _response, next) => {
      await new Promise((resolve) => request.once('close', resolve));
      next();
    });
    const request = httpRequest(app.origin, { ...init(BODY), headers: { 'content-length': '100' } });
    request.on('error', () => undefined).write(BODY);
    await once(request, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 20));
    request.destroy();
    await eventually('the receiver gives up', () => problems.length > 0);
    expect(problems).toMatchObject([{ code: 'body_incomplete' }]);
    expect(handler).not.toHaveBeenCalled();
  });

  it('something may have answered already', async () => {
    const { app, problems, failures } = await startWith((_request, response, next) => {
      response.status(503).send('too slow');
      next();
    });
    const response = await fetch(app.origin, { method: 'POST', body: BODY });
    expect([response.status, await response.text()]).toEqual([503, 'too slow']);
    await eventually('the receiver has its answer', () => problems.length === 1);
    expect((await fetch(app.origin, init(BODY))).status).toBe(503);
    expect(failures).toEqual([]);
  });

  it('a request and a response of different platforms are told apart', async () => {
    const receive = nestReceiver({ secrets: [SECRET] }, ignore);
    const [request, response] = [{ raw: {} }, {}] as unknown as Parameters<typeof receive>;
    await expect(receive(request, response)).rejects.toThrow('of the same platform');
  });
});

function ignore(): void {}

interface Observed {
  readonly handler: ReturnType<typeof vi.fn<WebhookHandler>>;
  readonly problems: readonly ReceiverProblem[];
}

function receiver(options: ReceiverOptions): Observed & { receive: (request: Request) => Promise<Response> } {
  const problems: ReceiverProblem[] = [];
  const handler = vi.fn<WebhookHandler>();
  const onProblem = (problem: ReceiverProblem): void => void problems.push(problem);
  return { receive: webhookReceiver({ ...options, onProblem }, handler), handler, problems };
}

function http2Receiver(): Observed & {
  listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void;
} {
  const problems: ReceiverProblem[] = [];
  const handler = vi.fn<WebhookHandler>();
  const onProblem = (problem: ReceiverProblem): void => void problems.push(problem);
  const receive = nodeReceiver({ secrets: [SECRET], onProblem }, handler);
  // The compatibility API of node:http2 behaves as node:http does, but is not declared as such.
  const listener = receive as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  return { listener, handler, problems };
}

/** Express with a middleware before the receiver. */
async function startWith(
  middleware: express.RequestHandler,
  maxBytes?: number,
): Promise<Observed & { app: RunningApp; failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const problems: ReceiverProblem[] = [];
  const handler = vi.fn<WebhookHandler>();
  const onProblem = (problem: ReceiverProblem): void => void problems.push(problem);
  const application = express();
  application.use(middleware, expressReceiver({ secrets: [SECRET], onProblem, maxBytes }, handler));
  application.use(((error, _request, _response, next) => {
    failures.push(error);
    next(error);
  }) satisfies express.ErrorRequestHandler);
  const app = await startExpress(application);
  onTestFinished(() => app.close());
  return { app, handler, problems, failures };
}

function message(change: { url?: string; offset?: number } = {}): Request {
  return new Request(change.url ?? URL_OF_SHOP, init(BODY, change.offset));
}

interface Init {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly duplex: 'half';
}

function init(body: Buffer<ArrayBuffer>, offset = 0): Init {
  const timestamp = Math.floor(Date.now() / 1000) + offset;
  const signature = signatureHeaders({ id: 'evt_01', timestamp, body, secrets: [SECRET] });
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    body,
    duplex: 'half',
  };
}
