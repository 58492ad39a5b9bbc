import { describe, expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress } from '../../src/kernel/address-guard.ts';
import type { Resolver } from '../../src/kernel/address-guard.ts';
import { checkCustomHeader, parseEndpointUrl } from '../../src/kernel/endpoint-url.ts';
import type { TransportError } from '../../src/kernel/errors.ts';
import { BLOCKED, PUBLIC } from '../helpers/addresses.ts';

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
