import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress } from '../../src/kernel/address-guard.ts';
import type { Resolver } from '../../src/kernel/address-guard.ts';
import { checkCustomHeader, parseEndpointUrl } from '../../src/kernel/endpoint-url.ts';
import type { TransportError } from '../../src/kernel/errors.ts';
import type { OutboundRequest, OutboundResponse } from '../../src/kernel/ports.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { always, startReceiver } from '../helpers/receiver.ts';
import type { Receiver } from '../helpers/receiver.ts';

const BLOCKED = [
  ['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1'],
  ['127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1'],
  ['192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
  ['239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ['::', '::1', '::7f00:1', '::127.0.0.1', '::808:808', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
  ['::ffff:7f00:1', '::ffff:168.63.129.16', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8'],
  ['64:ff9b:1::1', '100::1', '2001::1', '2001:0:53aa:64c::1', '2001:2::1', '2001:1ff::1', '2001:db8::1'],
  ['2002:7f00:1::1', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0'],
  ['fec0::1', 'ff02::1', '4000::1', '2606:4700::1111%eth0', 'not an address', ''],
].flat();

const PUBLIC = [
  ['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ['128.0.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.1', '192.167.255.255', '192.169.0.0', '198.17.0.1'],
  ['198.20.0.0', '223.255.255.255', '168.63.129.15', '168.63.129.17', '::ffff:8.8.8.8', '::ffff:808:808'],
  ['2001:4860:4860::8888', '2606:4700:4700::1111', '2001:200::1', '2003::1', '2a00:1450::1', '3ffe::1'],
].flat();

const publicDns: Resolver = () => Promise.resolve([{ address: '8.8.8.8', family: 4 }]);

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as TransportError).failure;
  }
  return 'none';
}

describe('addresses', () => {
  it.each(BLOCKED)('blocks %s', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(PUBLIC)('permits %s', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('resolving', () => {
  const resolving = (...addresses: string[]): Resolver => {
    return () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };

  it('gives the checked answers', async () => {
    const guard = createAddressGuard({ resolve: resolving('8.8.8.8', '2001:4860:4860::8888') });
    expect(await guard.resolve('example.com')).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2001:4860:4860::8888', family: 6 },
    ]);
  });

  it('condemns a name for one bad answer among good ones', async () => {
    const guard = createAddressGuard({ resolve: resolving('8.8.8.8', '10.0.0.1') });
    expect(await failureOf(guard.resolve('example.com'))).toBe('blocked_address');
  });

  it('says so when there is no answer', async () => {
    expect(await failureOf(createAddressGuard({ resolve: resolving() }).resolve('example.com'))).toBe('dns');
    const failing: Resolver = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await failureOf(createAddressGuard({ resolve: failing }).resolve('example.com'))).toBe('dns');
  });

  it('judges literals without asking DNS', async () => {
    const guard = createAddressGuard({ resolve: () => Promise.reject(new Error('asked')) });
    expect(await failureOf(guard.resolve('[::1]'))).toBe('blocked_address');
    expect(await guard.resolve('[2606:4700::1111]')).toEqual([{ address: '2606:4700::1111', family: 6 }]);
  });

  it('lets exactly the listed ranges and names through, and tells once', async () => {
    const told: string[] = [];
    const guard = createAddressGuard({
      allow: ['10.1.0.0/16', 'fd00::1', 'hooks.internal'],
      resolve: (host) =>
        Promise.resolve([{ address: host === 'b.example' ? '10.2.0.1' : '10.1.0.1', family: 4 }]),
      onAllowed: (host) => void told.push(host),
    });
    expect(await failureOf(guard.resolve('a.example'))).toBe('none');
    expect(await failureOf(guard.resolve('a.example'))).toBe('none');
    expect(await failureOf(guard.resolve('b.example'))).toBe('blocked_address');
    expect(await failureOf(guard.resolve('hooks.internal'))).toBe('none');
    expect(await failureOf(guard.resolve('10.1.255.255'))).toBe('none');
    expect(await failureOf(guard.resolve('10.0.255.255'))).toBe('blocked_address');
    expect(await failureOf(guard.resolve('[fd00::1]'))).toBe('none');
    expect(await failureOf(guard.resolve('[fd00::2]'))).toBe('blocked_address');
    expect(told).toEqual(['a.example', 'hooks.internal', '10.1.255.255', '[fd00::1]']);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/x', 'http://a', '', '*', '10.0.0.0/'])('refuses to allow %j', (entry) => {
    expect(() => createAddressGuard({ allow: [entry] })).toThrow(RangeError);
  });
});

describe('endpoint URLs', () => {
  const guard = createAddressGuard({ resolve: publicDns });

  it.each([
    ['https://example.com/hooks?a=1', 'https://example.com/hooks?a=1'],
    ['https://EXAMPLE.com:443/', 'https://example.com/'],
    ['https://example.com./', 'https://example.com/'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ])('accepts %s', (text, href) => {
    const parsed = parseEndpointUrl(text, { guard });
    expect(parsed.ok === true && parsed.url.href).toBe(href);
  });

  it.each([
    'example.com',
    '/hooks',
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'unix:/run/docker.sock',
    'https://user:pw@example.com/',
    'https://user@example.com/',
    'https://example.com/#part',
    'https://example.com/#',
    'https://example.com:22/',
    'https://example.com:6379/',
    'https://localhost/',
    'https://localhost./',
    'https://localhost../',
    'https://a.localhost/',
    'https://printer.local/',
    'https://metadata.google.internal/',
    'https://[fe80::1%25eth0]/',
    'https://.example.com/',
    `https://${'a'.repeat(60)}.${'b.'.repeat(100)}example.com/`,
    `https://example.com/${'a'.repeat(2000)}`,
  ])('refuses %s', (text) => expect(parseEndpointUrl(text, { guard }).ok).toBe(false));

  it('frees hosts on the allow-list from the rules for ports, names and http', () => {
    const open = createAddressGuard({ allow: ['127.0.0.0/8', '::1', 'localhost'] });
    for (const text of ['http://127.0.0.1:4000/', 'http://[::1]:1/', 'http://localhost:9999/']) {
      expect(parseEndpointUrl(text, { guard: open }).ok).toBe(true);
    }
    expect(parseEndpointUrl('http://10.0.0.1:4000/', { guard: open }).ok).toBe(false);
    expect(parseEndpointUrl('http://u:p@localhost/', { guard: open }).ok).toBe(false);
  });

  it.each([
    ['x-api-key', 'secret', undefined],
    ['Authorization', 'Bearer abc', undefined],
    ['Host', 'a', 'is set by the sender'],
    ['content-type', 'a', 'is set by the sender'],
    ['Webhook-Signature', 'a', 'is set by the sender'],
    ['transfer-encoding', 'chunked', 'is set by the sender'],
    ['Connection', 'close', 'is set by the sender'],
    ['x-a', 'a\r\nhost: b', 'must be at most 1000 printable ASCII characters'],
    ['x a', 'a', 'is no header name'],
    ['', 'a', 'is no header name'],
  ])('custom header %j: %j', (name, value, problem) => {
    expect(checkCustomHeader(name, value)).toBe(problem);
  });
});

describe('the node:http transport', () => {
  let receiver: Receiver | undefined;
  const loopback = createAddressGuard({ allow: ['127.0.0.1/32'] });

  afterEach(async () => {
    if (receiver !== undefined) await receiver.close();
    receiver = undefined;
  });

  function send(
    url: string,
    guard = loopback,
    more: Partial<OutboundRequest> = {},
  ): Promise<OutboundResponse> {
    const transport = nodeHttpTransport({ guard });
    const limits = { connectTimeoutMs: 500, timeoutMs: 1_000, maxResponseBytes: 16 * 1024 };
    const body = Buffer.from('{"a":1}');
    return transport.send({ url: new URL(url), headers: { 'x-a': 'b' }, body, ...limits, ...more });
  }

  it.each([
    'http://localhost/',
    'http://localhost./',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://example.com@127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'https://[fd00:ec2::254]/',
    'http://169.254.169.254/latest/meta-data/',
  ])('refuses %s on the address, whatever its spelling', async (url) => {
    const guard = createAddressGuard({
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    expect(await failureOf(send(url, guard))).toBe('blocked_address');
  });

  it('dials the address that was checked, not a later answer of DNS', async () => {
    receiver = await startReceiver();
    let asked = 0;
    const rebinding: Resolver = () => {
      asked += 1;
      return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '10.9.9.9', family: 4 }]);
    };
    const guard = createAddressGuard({ allow: ['127.0.0.1'], resolve: rebinding });
    const { status } = await send(`http://rebind.example:${receiver.port}/`, guard);
    expect([status, asked]).toEqual([204, 1]);
    expect(receiver.requests[0]?.headers.host).toBe(`rebind.example:${receiver.port}`);
    expect(await failureOf(send(`http://rebind.example:${receiver.port}/`, guard))).toBe('blocked_address');
  });

  it('posts the exact bytes', async () => {
    receiver = await startReceiver();
    await send(receiver.url);
    expect(receiver.requests).toMatchObject([
      { method: 'POST', path: '/hooks', headers: { 'x-a': 'b', 'content-length': '7' } },
    ]);
    expect(receiver.requests[0]?.body.toString()).toBe('{"a":1}');
  });

  it('does not follow a redirect', async () => {
    const target = await startReceiver();
    receiver = await startReceiver();
    receiver.answer = always(307, '', { location: target.url });
    expect(await send(receiver.url)).toMatchObject({ status: 307 });
    expect(target.requests).toEqual([]);
    await target.close();
  });

  it('keeps 16 kB of an answer of 10 MB', async () => {
    receiver = await startReceiver();
    receiver.answer = always(200, 'x'.repeat(10 * 1024 * 1024));
    const { status, body } = await send(receiver.url);
    expect([status, body.length]).toEqual([200, 16 * 1024]);
  });

  it('gives up on an answer that drips', async () => {
    receiver = await startReceiver();
    receiver.answer = (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.once('close', () => clearInterval(drip));
    };
    expect(await failureOf(send(receiver.url, loopback, { timeoutMs: 100 }))).toBe('timeout');
  });

  it('gives up on an endpoint that never answers', async () => {
    receiver = await startReceiver();
    receiver.answer = () => undefined;
    expect(await failureOf(send(receiver.url, loopback, { timeoutMs: 50 }))).toBe('timeout');
  });

  it('names refusals, resets, broken HTTP and broken TLS', async () => {
    receiver = await startReceiver();
    const { port } = receiver;
    receiver.answer = (_request, response) => void response.destroy();
    expect(await failureOf(send(receiver.url))).toBe('reset');
    expect(await failureOf(send(`https://127.0.0.1:${port}/`))).toBe('tls');
    await receiver.close();
    receiver = undefined;
    expect(await failureOf(send(`http://127.0.0.1:${port}/`))).toBe('refused');

    const garbage = createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n\r\n'));
    await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve));
    const garbagePort = (garbage.address() as AddressInfo).port;
    expect(await failureOf(send(`http://127.0.0.1:${garbagePort}/`))).toBe('protocol');
    garbage.close();
  });

  it('reuses connections, and sends once more when a pooled one was closed meanwhile', async () => {
    receiver = await startReceiver();
    const ports = new Set<number>();
    receiver.answer = (_request, response) => {
      ports.add(response.socket?.remotePort ?? 0);
      response.writeHead(200).end();
    };
    const transport = nodeHttpTransport({ guard: loopback });
    const limits = { connectTimeoutMs: 500, timeoutMs: 1_000, maxResponseBytes: 100 };
    const request = { url: new URL(receiver.url), headers: {}, body: Buffer.from(''), ...limits };
    await transport.send(request);
    await transport.send(request);
    expect(ports.size).toBe(1);
    // Answers nothing and hangs up, but only on the pooled connection.
    const [pooled] = ports;
    receiver.answer = (_request, response) => {
      if (response.socket?.remotePort === pooled) response.socket?.destroy();
      else response.writeHead(201).end();
    };
    expect(await transport.send(request)).toMatchObject({ status: 201 });
    await transport.close();
  });
});
