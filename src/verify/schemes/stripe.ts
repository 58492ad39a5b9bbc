// https://docs.stripe.com/webhooks#verify-manually
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
import type { Scheme } from './scheme.ts';

const HEADER = 'stripe-signature';

const stripe: Scheme = {
  id: 'stripe',
  title: 'Stripe',
  headers: [HEADER],
  algorithms: ['sha256'],
  encoding: 'hex',
  signsUrl: false,
  // stripe-node refuses what is too old and takes any time of the future.
  clock: { toleranceSeconds: FIVE_MINUTES, isBothWays: false },
  read({ headers }) {
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const pairs = readPairs(header.value);
    const timestamp = pairs.get('t')?.[0];
    if (timestamp === undefined || !isSeconds(timestamp)) {
      return unreadable('header_malformed', `the header ${HEADER} has no t=<seconds>`, HEADER);
    }
    const written = pairs.get('v1') ?? [];
    if (written.length === 0) {
      return pairs.size > 1
        ? unreadable('unknown_version', 'no signature has version v1', HEADER)
        : unreadable('header_malformed', `the header ${HEADER} has no v1=<hex>`, HEADER);
    }
    const signatures = written.flatMap((text) => {
      const bytes = decodeDigest(text, 'hex', 'sha256');
      return bytes === null ? [] : [{ algorithm: 'sha256' as const, bytes }];
    });
    if (signatures.length === 0) {
      return unreadable(
        'header_malformed',
        `the header ${HEADER} has a v1 that is not 32 bytes in hex`,
        HEADER,
      );
    }
    return {
      ok: true,
      id: null,
      timestamp,
      signatures,
      signed: (parts) => [joinBytes(`${parts.timestamp}.`, parts.body)],
    };
  },
  // The whole string, `whsec_` included.
  keyOf: literalKey,
  joinSignatures: ([first = '', ...more]) =>
    [first, ...more.map((value) => value.slice(value.indexOf('v1=')))].join(','),
  sign({ body, secret, timestamp }) {
    const hex = digest('sha256', literalKey(secret).bytes, [`${seconds(timestamp)}.`, body]).toString('hex');
    return { [HEADER]: `t=${timestamp},v1=${hex}` };
  },
};

export default stripe;
