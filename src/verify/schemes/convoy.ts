// https://docs.getconvoy.io/product-manual/signatures
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
import type { Algorithm, Encoding, Scheme, Signature } from './scheme.ts';

const HEADER = 'x-convoy-signature';
const HASHES: readonly Exclude<Algorithm, 'ed25519'>[] = ['sha256', 'sha512'];
const ENCODINGS: readonly Encoding[] = ['hex', 'base64'];

/** Simple: a bare digest of the body. Advanced: `t=<seconds>,v1=<digest>` over `<seconds>,<body>`, with a comma. */
const convoy: Scheme = {
  id: 'convoy',
  title: 'Convoy',
  headers: [HEADER],
  algorithms: HASHES,
  encoding: 'hex',
  signsUrl: false,
  clock: { toleranceSeconds: FIVE_MINUTES, isBothWays: true },
  read({ headers }) {
    const header = readHeader(headers, HEADER);
    if (!('value' in header)) return header;
    const isAdvanced = header.value.startsWith('t=');
    if (!isAdvanced) {
      const signatures = digestsIn(header.value);
      if (signatures.length === 0) {
        return unreadable('header_malformed', `the header ${HEADER} is no digest in hex or base64`, HEADER);
      }
      return { ok: true, id: null, timestamp: null, signatures, signed: ({ body }) => [body] };
    }
    const pairs = readPairs(header.value);
    const timestamp = pairs.get('t')?.[0] ?? '';
    if (!isSeconds(timestamp)) {
      return unreadable('header_malformed', `the header ${HEADER} has no t=<seconds>`, HEADER);
    }
    const written = [...pairs].flatMap(([name, values]) => (/^v\d+$/.test(name) ? values : []));
    const signatures = written.flatMap(digestsIn);
    if (signatures.length === 0) {
      return unreadable('header_malformed', `the header ${HEADER} has no v1=<digest>`, HEADER);
    }
    return {
      ok: true,
      id: null,
      timestamp,
      signatures,
      signed: (parts) => [joinBytes(`${parts.timestamp},`, parts.body)],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, timestamp }) {
    const hex = digest('sha256', literalKey(secret).bytes, [`${seconds(timestamp)},`, body]).toString('hex');
    return { [HEADER]: `t=${timestamp},v1=${hex}` };
  },
};

export default convoy;

function digestsIn(text: string): Signature[] {
  return HASHES.flatMap((algorithm) =>
    ENCODINGS.flatMap((encoding) => {
      const bytes = decodeDigest(text, encoding, algorithm);
      return bytes === null ? [] : [{ algorithm, bytes }];
    }),
  );
}
