// https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook
import { headerOf } from '../message.ts';
import { decodeDigest, digest, literalKey, readHeader, unreadable } from './parts.ts';
import type { Scheme } from './scheme.ts';

const OLD = 'x-shopify-hmac-sha256';
/** Without `x-` on newer events. */
const NEW = 'shopify-hmac-sha256';

const shopify: Scheme = {
  id: 'shopify',
  title: 'Shopify',
  headers: [OLD, NEW, 'x-shopify-topic', 'x-shopify-webhook-id', 'shopify-webhook-id'],
  algorithms: ['sha256'],
  encoding: 'base64',
  signsUrl: false,
  clock: null,
  read({ headers }) {
    const name = headers[OLD] === undefined && headers[NEW] !== undefined ? NEW : OLD;
    const header = readHeader(headers, name);
    if (!('value' in header)) return header;
    const bytes = decodeDigest(header.value, 'base64', 'sha256');
    if (bytes === null) {
      return unreadable('header_malformed', `the header ${name} is not 32 bytes in base64`, name);
    }
    const ids = ['x-shopify-event-id', 'shopify-event-id', 'x-shopify-webhook-id', 'shopify-webhook-id'];
    return {
      ok: true,
      id: ids.map((id) => headerOf(headers, id)).find((id) => id !== undefined) ?? null,
      timestamp: null,
      signatures: [{ algorithm: 'sha256', bytes }],
      signed: ({ body }) => [body],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, id }) {
    return {
      [OLD]: digest('sha256', literalKey(secret).bytes, [body]).toString('base64'),
      'x-shopify-webhook-id': id,
    };
  },
};

export default shopify;
