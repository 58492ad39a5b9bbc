import { expect, it } from 'vitest';
import { parseForward } from '../../src/serve/forward-flag.ts';
import { ACCEPT } from '../../src/serve/receivers/behaviour.ts';
import { parseReceiver } from '../../src/serve/receivers/receiver-flag.ts';
import type { LocalRegistry } from '../../src/serve/registry.ts';

const ANY = { eventTypes: null, definitions: {} } as unknown as LocalRegistry;
const SHOP = {
  eventTypes: ['order.created'],
  definitions: {
    'order.created': { eventType: 'order.created', version: 1, audience: 'public', schema: undefined },
  },
} as unknown as LocalRegistry;

it.each([
  ['http://localhost:3000/webhooks?x=1', 'http://localhost:3000/webhooks?x=1', ['*']],
  ['http://host.docker.internal:3000', 'http://host.docker.internal:3000/', ['*']],
  ['http://[::1]:3000/?a=b=c', 'http://[::1]:3000/?a=b=c', ['*']],
  ['order.*,invoice.paid=https://shop.example/', 'https://shop.example/', ['order.*', 'invoice.paid']],
])('--forward %s', (text, url, eventTypes) => {
  expect(parseForward(text, ['*'], ANY)).toEqual({ url, eventTypes });
});

it.each([
  ['localhost:3000', ANY, 'its URL must start with https://'],
  ['3000', ANY, 'its URL must be an absolute URL'],
  ['ftp://x', ANY, 'its URL must start with https://'],
  ['http://a:b@x/', ANY, 'its URL must not contain a user name or password'],
  ['Order=http://localhost/', ANY, 'its filter must be an event type like order.created'],
  ['invoice.*=http://localhost/', SHOP, 'its filter matches no event type; known are order.created'],
])('refuses --forward %s', (text, registry, message) => {
  expect(() => parseForward(text, ['*'], registry)).toThrow(`--forward ${text}: ${message}`);
});

it.each([
  ['a', ACCEPT],
  ['a=503', { ...ACCEPT, status: 503 }],
  ['a=fail-next:3,429,retry-after:2m', { ...ACCEPT, status: 429, failNext: 3, retryAfterSeconds: 120 }],
  ['a=retry-after-date:30', { ...ACCEPT, status: 503, retryAfterSeconds: 30, retryAfterForm: 'date' }],
  ['a=fail-percent:30,seed:7', { ...ACCEPT, status: 500, failPercent: 30, seed: 7 }],
  ['a=delay:1500ms,drip:1s,body:20000', { ...ACCEPT, delayMs: 1500, dripMs: 1000, bodyBytes: 20_000 }],
  ['a=redirect:https://b.example/?x=1', { ...ACCEPT, status: 302, location: 'https://b.example/?x=1' }],
  ['a=reset-after-headers', { ...ACCEPT, fault: 'reset_after_headers' }],
])('--receiver %s', (text, behaviour) => {
  expect(parseReceiver(text)).toEqual({ name: 'a', behaviour });
});

it.each([
  ['=503', 'expected a name'],
  ['a/b', 'expected a name'],
  ['a=explode', '"explode" is nothing that a receiver does'],
  ['a=constructor:1', '"constructor:1" is nothing that a receiver does'],
  ['a=delay:soon', 'delayMs: Invalid input'],
  ['a=999', 'status: Too big'],
  ['a=untrusted-tls,fail-next:1', 'untrusted_tls is for every request'],
])('refuses --receiver %s', (text, message) => {
  expect(() => parseReceiver(text)).toThrow(message);
});
