// https://api.slack.com/authentication/verifying-requests-from-slack
import {
  decodeDigest,
  digest,
  FIVE_MINUTES,
  joinBytes,
  literalKey,
  readHeader,
  readSeconds,
  seconds,
  unreadable,
} from './parts.ts';
import type { Scheme } from './scheme.ts';

const SIGNATURE = 'x-slack-signature';
const TIMESTAMP = 'x-slack-request-timestamp';

const slack: Scheme = {
  id: 'slack',
  title: 'Slack',
  headers: [SIGNATURE, TIMESTAMP],
  algorithms: ['sha256'],
  encoding: 'hex',
  signsUrl: false,
  // Bolt refuses what is too old and takes any time of the future.
  clock: { toleranceSeconds: FIVE_MINUTES, isBothWays: false },
  read({ headers }) {
    const timestamp = readSeconds(headers, TIMESTAMP);
    if (!('value' in timestamp)) return timestamp;
    const header = readHeader(headers, SIGNATURE);
    if (!('value' in header)) return header;
    const [version, hex] = header.value.split('=', 2);
    if (version !== 'v0' && hex !== undefined) {
      return unreadable('unknown_version', 'the signature has not version v0', SIGNATURE);
    }
    const bytes = decodeDigest(hex ?? '', 'hex', 'sha256');
    if (bytes === null) {
      return unreadable('header_malformed', `the header ${SIGNATURE} is not v0=<32 bytes in hex>`, SIGNATURE);
    }
    return {
      ok: true,
      id: null,
      timestamp: timestamp.value,
      signatures: [{ algorithm: 'sha256', bytes }],
      signed: (parts) => [joinBytes(`v0:${parts.timestamp}:`, parts.body)],
    };
  },
  keyOf: literalKey,
  sign({ body, secret, timestamp }) {
    const hex = digest('sha256', literalKey(secret).bytes, [`v0:${seconds(timestamp)}:`, body]).toString(
      'hex',
    );
    return { [TIMESTAMP]: String(timestamp), [SIGNATURE]: `v0=${hex}` };
  },
};

export default slack;
