// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
import { headerOf } from '../message.ts';
import { decodeDigest, digest, literalKey, readHeader, unreadable } from './parts.ts';
import type { Scheme } from './scheme.ts';

const HEADER = 'x-hub-signature-256';

const github: Scheme = {
  id: 'github',
  title: 'GitHub',
  headers: [HEADER, 'x-hub-signature', 'x-github-delivery', 'x-github-event'],
  algorithms: ['sha256'],
  encoding: 'hex',
  signsUrl: false,
  clock: null,
  read({ headers }) {
    if (headers[HEADER] === undefined && headers['x-hub-signature'] !== undefined) {
      const message = `only x-hub-signature (SHA-1) is there; ${HEADER} is what is to be checked`;
      return unreadable('unknown_version', message, 'x-hub-signature');
    }
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const bytes = decodeDigest(header.value.replace(/^sha256=/, ''), 'hex', 'sha256');
    if (bytes === null || !header.value.startsWith('sha256=')) {
      return unreadable('header_malformed', `the header ${HEADER} is not sha256=<32 bytes in hex>`, HEADER);
    }
    return {
      ok: true,
      id: headerOf(headers, 'x-github-delivery') ?? null,
      timestamp: null,
      signatures: [{ algorithm: 'sha256', bytes }],
      signed: ({ body }) => [body],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, id }) {
    return {
      [HEADER]: `sha256=${digest('sha256', literalKey(secret).bytes, [body]).toString('hex')}`,
      'x-github-delivery': id,
    };
  },
};

export default github;
