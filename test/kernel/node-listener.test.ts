import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import { eventually } from '../helpers/eventually.ts';

describe('nodeListener', () => {
  let server: Server | undefined;

  afterEach(async () => {
    await new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      server?.close(() => resolve());
      server?.closeAllConnections();
    });
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('passes method, URL, headers and body, and gives status, headers and body back', async () => {
    const origin = await serve(
      nodeListener(async (request) => {
        const text = `${request.method} ${request.url} ${request.headers.get('x-a')} ${await request.text()}`;
        return new Response(text, { status: 201, headers: { 'x-b': 'c' } });
      }),
    );
    const response = await fetch(`${origin}/a/b?c=d`, {
      method: 'PUT',
      body: 'Zoë',
      headers: { 'x-a': 'b' },
    });
    expect([response.status, response.headers.get('x-b')]).toEqual([201, 'c']);
    expect(await response.text()).toBe(`PUT ${origin}/a/b?c=d b Zoë`);
  });

  it('takes the body that a parser left, and the URL from before Express cut the mount path out', async () => {
    const handler = nodeListener(async (request) => new Response(`${request.url} ${await request.text()}`));
    const origin = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(String(Buffer.concat(chunks))) as unknown;
        Object.assign(request, { body, originalUrl: `/api${request.url}` });
        handler(request, response);
      });
    });
    const response = await fetch(`${origin}/x`, { method: 'POST', body: '{ "a": 1 }' });
    expect(await response.text()).toBe(`${origin}/api/x {"a":1}`);
  });

  it.each(['x/other?', 'x?', 'x#', 'user@x', 'user:word@x', 'x\\other'])(
    'answers 400 to the host %j, which would change what path and caller look like',
    async (host) => {
      const origin = await serve(nodeListener(async (request) => new Response(request.url)));
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        httpRequest(`${origin}/webhooks`, { headers: { host } }, resolve).on('error', reject).end();
      });
      answer.resume();
      expect(answer.statusCode).toBe(400);
    },
  );

  it('shows on stderr what went wrong when nobody gave a logger', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const origin = await serve(nodeListener(() => Promise.reject(new Error('the database is away'))));
    // What follows the path may be a ticket, which lets in whoever reads the log.
    expect((await fetch(`${origin}/webhooks?ticket=hunter2`)).status).toBe(500);
    expect(written.mock.calls.map(([text]) => text)).toEqual([
      '[events] error: GET /webhooks failed {"error":"the database is away"}\n',
    ]);
    written.mockRestore();
  });

  it('keeps several cookies apart', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const origin = await serve(nodeListener(() => Promise.resolve(new Response(null, { headers }))));
    expect((await fetch(origin)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('sends no body for HEAD', async () => {
    const origin = await serve(nodeListener(() => Promise.resolve(new Response('body'))));
    expect(await (await fetch(origin, { method: 'HEAD' })).text()).toBe('');
  });

  it('answers an error with 500, without its message', async () => {
    const origin = await serve(nodeListener(() => Promise.reject(new Error('password=hunter2'))));
    const response = await fetch(origin);
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('hunter2');
  });

  it('limits the body, and still answers', async () => {
    const origin = await serve(nodeListener(async (request) => new Response(await request.text())));
    const response = await fetch(origin, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) });
    expect(response.status).toBe(413);
  });

  it('answers without reading a body that the handler ignores, and hangs up', async () => {
    const origin = await serve(nodeListener(() => Promise.resolve(new Response('no', { status: 401 }))));
    const response = await fetch(origin, { method: 'POST', body: 'x'.repeat(8 * 1024 * 1024) });
    expect([response.status, response.headers.get('connection')]).toEqual([401, 'close']);
    expect((await fetch(origin)).status).toBe(401);
  });

  it('aborts the request and stops the body when the client goes away', async () => {
    let isAborted = false;
    let isCancelled = false;
    const origin = await serve(
      nodeListener((request) => {
        request.signal.addEventListener('abort', () => (isAborted = true));
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(Buffer.from('first')),
          cancel: () => void (isCancelled = true),
        });
        return Promise.resolve(new Response(body));
      }),
    );
    const stop = new AbortController();
    const response = await fetch(origin, { signal: stop.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    stop.abort();
    await eventually('both were told', () => isAborted && isCancelled);
    expect([isAborted, isCancelled]).toEqual([true, true]);
  });

  it('waits for a client that reads slowly', async () => {
    let produced = 0;
    const origin = await serve(
      nodeListener(() => {
        const chunk = Buffer.alloc(64 * 1024);
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            produced += 1;
            if (produced > 2_000) controller.close();
            else controller.enqueue(chunk);
          },
        });
        return Promise.resolve(new Response(body));
      }),
    );
    const response = await new Promise<IncomingMessage>((resolve) => httpRequest(origin, resolve).end());
    response.pause();
    let before = -1;
    await eventually('nothing more is produced', async () => {
      const isStill = produced === before;
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 40));
      return isStill;
    });
    expect(produced).toBeLessThan(1_500);
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect(size).toBe(2_000 * 64 * 1024);
  });

  it('listens to nothing more once it has answered', async () => {
    let outgoing: ServerResponse | undefined;
    const listener = nodeListener(() => Promise.resolve(new Response('x'.repeat(1024 * 1024))));
    const origin = await serve((request, response) => {
      outgoing = response;
      listener(request, response);
    });
    const response = await fetch(origin);
    await eventually('all was written', () => outgoing?.writableEnded === true);
    expect(outgoing?.listenerCount('drain')).toBe(0);
    expect(await response.text()).toHaveLength(1024 * 1024);
  });

  it.each([
    ['TRACE / HTTP/1.1\r\nhost: a\r\n\r\n', '405'],
    ['GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n', '400'],
    ['GET / HTTP/1.1\r\nhost: a b\r\n\r\n', '400'],
    ['GET //other.example/x HTTP/1.1\r\nhost: a\r\n\r\n', '200'],
  ])('answers %j with %s', async (message, status) => {
    const origin = await serve(nodeListener((request) => Promise.resolve(new Response(request.url))));
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write(message);
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    socket.destroy();
    expect(answer).toContain(`HTTP/1.1 ${status} `);
  });
});
