// https://developer.squareup.com/docs/webhooks/step3validate
import { decodeDigest, digest, joinBytes, literalKey, readHeader, unreadable } from './parts.ts';
import { KeyError, type Scheme } from './scheme.ts';

const HEADER = 'x-square-hmacsha256-signature';

const square: Scheme = {
  id: 'square',
  title: 'Square',
  headers: [HEADER],
  algorithms: ['sha256'],
  encoding: 'base64',
  signsUrl: true,
  clock: null,
  read({ headers, url }) {
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const bytes = decodeDigest(header.value, 'base64', 'sha256');
    if (bytes === null) {
      return unreadable('header_malformed', `the header ${HEADER} is not 32 bytes in base64`, HEADER);
    }
    if (url === undefined) {
      return unreadable(
        'url_missing',
        'Square signs the notification URL, and the capture does not say it: give --url',
        null,
      );
    }
    return {
      ok: true,
      id: null,
      timestamp: null,
      signatures: [{ algorithm: 'sha256', bytes }],
      signed: (parts) => [joinBytes(parts.url, parts.body)],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, url }) {
    if (url === undefined) throw new KeyError('Square signs the notification URL: give it');
    return { [HEADER]: digest('sha256', literalKey(secret).bytes, [url, body]).toString('base64') };
  },
};

export default square;
