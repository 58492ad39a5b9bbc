// https://documentation.hook0.com/how-to-guides/verify-webhook-signatures
import {
  decodeDigest,
  digest,
  FIVE_MINUTES,
  isSeconds,
  joinBytes,
  literalKey,
  readHeader,
  readPairs,
  seconds,
  unreadable,
} from './parts.ts';
import { headerOf, type HeaderFields } from '../message.ts';
import type { Scheme, Signature } from './scheme.ts';

const HEADER = 'x-hook0-signature';

/** `t=,v0=` over `<t>.<body>`; `t=,h=<names>,v1=` over `<t>.<names>.<values>.<body>`. */
const hook0: Scheme = {
  id: 'hook0',
  title: 'Hook0',
  headers: [HEADER],
  algorithms: ['sha256'],
  encoding: 'hex',
  signsUrl: false,
  clock: { toleranceSeconds: FIVE_MINUTES, isBothWays: true },
  read({ headers }) {
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const pairs = readPairs(header.value);
    const timestamp = pairs.get('t')?.[0] ?? '';
    if (!isSeconds(timestamp)) {
      return unreadable('header_malformed', `the header ${HEADER} has no t=<seconds>`, HEADER);
    }
    const names = pairs.get('h')?.[0];
    const isNew = pairs.has('v1');
    if (!isNew && !pairs.has('v0')) {
      return unreadable('unknown_version', 'no signature has version v0 or v1', HEADER);
    }
    if (isNew && names === undefined) {
      return unreadable('header_malformed', `the header ${HEADER} has a v1 without the names h=`, HEADER);
    }
    const signatures = (pairs.get(isNew ? 'v1' : 'v0') ?? []).flatMap((text): Signature[] => {
      const bytes = decodeDigest(text, 'hex', 'sha256');
      return bytes === null ? [] : [{ algorithm: 'sha256', bytes }];
    });
    if (signatures.length === 0) {
      return unreadable(
        'header_malformed',
        `the header ${HEADER} has no signature of 32 bytes in hex`,
        HEADER,
      );
    }
    const between = isNew ? `${names ?? ''}.${valuesOf(names ?? '', headers)}.` : '';
    return {
      ok: true,
      id: headerOf(headers, 'x-event-id') ?? null,
      timestamp,
      signatures,
      signed: (parts) => [joinBytes(`${parts.timestamp}.${between}`, parts.body)],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, timestamp }) {
    const hex = digest('sha256', literalKey(secret).bytes, [`${seconds(timestamp)}.`, body]).toString('hex');
    return { [HEADER]: `t=${timestamp},v0=${hex}` };
  },
};

export default hook0;

function valuesOf(names: string, headers: HeaderFields): string {
  return names
    .split(' ')
    .map((name) => headerOf(headers, name.toLowerCase()) ?? '')
    .join('.');
}
