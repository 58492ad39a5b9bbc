// https://outpost.hookdeck.com/docs/destinations/webhook
import { headerOf } from '../message.ts';
import { decodeDigest, digest, literalKey, readHeader, unreadable } from './parts.ts';
import type { Scheme } from './scheme.ts';

const HEADER = 'x-outpost-signature';

/** The body only; during a rotation one signature for each secret, separated by commas. */
const outpost: Scheme = {
  id: 'outpost',
  title: 'Outpost',
  headers: [HEADER, 'x-outpost-event-id', 'x-outpost-timestamp'],
  algorithms: ['sha256'],
  encoding: 'hex',
  signsUrl: false,
  clock: null,
  read({ headers }) {
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const [version, list] = header.value.split('=', 2);
    if (version !== 'v0' && list !== undefined) {
      return unreadable('unknown_version', 'the signature has not version v0', HEADER);
    }
    const signatures = (list ?? '').split(',').flatMap((text) => {
      const bytes = decodeDigest(text.trim(), 'hex', 'sha256');
      return bytes === null ? [] : [{ algorithm: 'sha256' as const, bytes }];
    });
    if (signatures.length === 0) {
      return unreadable('header_malformed', `the header ${HEADER} is not v0=<32 bytes in hex>`, HEADER);
    }
    return {
      ok: true,
      id: headerOf(headers, 'x-outpost-event-id') ?? null,
      timestamp: null,
      signatures,
      signed: ({ body }) => [body],
    };
  },
  keyOf: literalKey,
  joinSignatures: ([first = '', ...more]) =>
    [first, ...more.map((value) => value.replace(/^v0=/, ''))].join(','),
  sign({ body, secret, id }) {
    return {
      [HEADER]: `v0=${digest('sha256', literalKey(secret).bytes, [body]).toString('hex')}`,
      'x-outpost-event-id': id,
    };
  },
};

export default outpost;
