import { sign as signForGitHub, verify as verifyForGitHub } from '@octokit/webhooks-methods';
import { isValidSlackRequest } from '@slack/bolt';
import * as fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import twilio from 'twilio';
import { describe, expect, it, vi } from 'vitest';
import { schemes } from '../../src/verify/schemes/index.ts';
import type { Scheme } from '../../src/verify/schemes/scheme.ts';
import { judge } from '../../src/verify/verdict.ts';
import { bytes, fields, messageOf } from './messages.ts';

// Providers' packages read the clock themselves.
const NOW = 1_767_323_045;
const RUNS = { numRuns: 1000 };
const URL_SIGNED = 'https://shop.example/hooks?x=1';

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Provider {
  readonly scheme: string;
  /** Secrets as the provider makes them. */
  readonly secret: fc.Arbitrary<string>;
  readonly body?: fc.Arbitrary<string>;
  sign(message: { body: string; id: string; timestamp: number; secret: string }): Promise<Signed> | Signed;
  verify(signed: Signed, secret: string): Promise<boolean> | boolean;
}

const standardSecret = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((key) => `whsec_${Buffer.from(key).toString('base64')}`);
const literalSecret = fc
  .string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' })
  .filter((text) => text.trim() !== '');
const json = fc.json({ maxDepth: 3 });
const stripe = new Stripe('sk_test_none');

const passes = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    // The packages throw what they find wrong.
    return false;
  }
};
const signedBy = (
  scheme: string,
  message: { body: string; id: string; timestamp: number; secret: string },
) => ({
  headers: schemeOf(scheme).sign({ ...message, body: bytes(message.body), url: URL_SIGNED }),
  body: message.body,
});

const providers: readonly Provider[] = [
  {
    scheme: 'standard',
    secret: standardSecret,
    sign: ({ body, id, timestamp, secret }) => ({
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': new StandardWebhook(secret).sign(id, new Date(timestamp * 1000), body),
      },
      body,
    }),
    verify: ({ headers, body }, secret) =>
      passes(() => new StandardWebhook(secret).verify(body, { ...headers })),
  },
  {
    scheme: 'svix',
    secret: standardSecret,
    sign: ({ body, id, timestamp, secret }) => ({
      headers: {
        'svix-id': id,
        'svix-timestamp': String(timestamp),
        'svix-signature': new SvixWebhook(secret).sign(id, new Date(timestamp * 1000), body),
      },
      body,
    }),
    verify: ({ headers, body }, secret) => passes(() => new SvixWebhook(secret).verify(body, { ...headers })),
  },
  {
    scheme: 'stripe',
    secret: literalSecret,
    sign: ({ body, timestamp, secret }) => ({
      headers: {
        'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }),
      },
      body,
    }),
    verify: ({ headers, body }, secret) =>
      passes(
        () => stripe.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret, 300) ?? true,
      ),
  },
  {
    scheme: 'github',
    secret: literalSecret,
    sign: async ({ body, secret }) => ({
      headers: { 'x-hub-signature-256': await signForGitHub(secret, body) },
      body,
    }),
    verify: async ({ headers, body }, secret) => {
      const signature = headers['x-hub-signature-256'];
      return signature !== undefined && (await verifyForGitHub(secret, body, signature));
    },
  },
  {
    scheme: 'slack',
    secret: literalSecret,
    // Bolt has no way to sign.
    sign: (message) => signedBy('slack', message),
    verify: ({ headers, body }, secret) =>
      isValidSlackRequest({
        signingSecret: secret,
        body,
        headers: {
          'x-slack-signature': headers['x-slack-signature'] ?? '',
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
      }),
  },
  {
    scheme: 'twilio',
    secret: literalSecret,
    body: fc
      .dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), fc.string({ unit: 'grapheme' }), {
        minKeys: 1,
        maxKeys: 6,
      })
      .map((form) => new URLSearchParams(form).toString()),
    sign: ({ body, secret }) => ({
      headers: {
        'x-twilio-signature': twilio.getExpectedTwilioSignature(secret, URL_SIGNED, formOf(body)),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    }),
    verify: ({ headers, body }, secret) =>
      twilio.validateRequest(secret, headers['x-twilio-signature'] ?? '', URL_SIGNED, formOf(body)),
  },
];

/** One realistic mistake, by its number. */
function spoilt({ headers, body }: Signed, mistake: number): Signed {
  const [signature = ''] = Object.keys(headers).filter((name) => name.includes('signature'));
  const value = headers[signature] ?? '';
  const flipped = value.replace(
    /(?<last>[A-Za-z\d])(?<rest>[^A-Za-z\d]*)$/,
    (_all, last: string, rest: string) => `${last === '1' ? '2' : '1'}${rest}`,
  );
  switch (mistake) {
    case 0:
      return { headers, body };
    case 1:
      return { headers, body: `${body} ` };
    case 2:
      return { headers: { ...headers, [signature]: flipped }, body };
    case 3:
      return { headers: { ...headers, [signature]: value.slice(0, -4) }, body };
    default:
      return {
        headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== signature)),
        body,
      };
  }
}

function formOf(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

function schemeOf(id: string): Scheme {
  const found = schemes.find((scheme) => scheme.id === id);
  if (found === undefined) throw new Error(`no scheme ${id}`);
  return found;
}

describe("our verdict and the provider's own package", () => {
  it.each(providers.map((provider) => [provider.scheme, provider] as const))(
    'agree on %s, both ways, mistakes included',
    async (id, provider) => {
      vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] });
      const scheme = schemeOf(id);
      const isGood = (signed: Signed, secret: string): boolean =>
        judge({
          scheme,
          secrets: [secret],
          nowSeconds: NOW,
          message: messageOf(fields(signed.headers), bytes(signed.body), { url: URL_SIGNED }),
        }).ok;
      const seen = { good: 0, bad: 0 };
      await fc.assert(
        fc.asyncProperty(
          provider.secret,
          provider.body ?? json,
          fc.uuid(),
          fc.constantFrom(0, 0, 299, 301, 4000, -299, -301),
          fc.integer({ min: 0, max: 4 }),
          fc.boolean(),
          async (secret, body, messageId, age, mistake, isTheirs) => {
            const message = { body, id: messageId, timestamp: NOW - age, secret };
            const signed = spoilt(
              isTheirs ? await provider.sign(message) : withType(id, signedBy(id, message)),
              mistake,
            );
            const theirs = await provider.verify(signed, secret);
            expect(isGood(signed, secret)).toBe(theirs);
            seen[theirs ? 'good' : 'bad'] += 1;
          },
        ),
        RUNS,
      );
      vi.useRealTimers();
      // Neither verdict alone would show that they agree.
      expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(50);
    },
  );
});

function withType(id: string, signed: Signed): Signed {
  if (id !== 'twilio') return signed;
  return { ...signed, headers: { ...signed.headers, 'content-type': 'application/x-www-form-urlencoded' } };
}
