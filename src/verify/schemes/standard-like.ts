import { createPrivateKey, createPublicKey, sign as signEd25519 } from 'node:crypto';
import { decodeSecret, SecretError } from '../../kernel/secret.ts';
import {
  decodeDigest,
  digest,
  FIVE_MINUTES,
  joinBytes,
  readHeader,
  readSeconds,
  seconds,
  unreadable,
} from './parts.ts';
import { KeyError, type Scheme, type Signature, type Unreadable, type VerifyKey } from './scheme.ts';

/** DER heads of a bare ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const SEED_BYTES = 32;

/** Standard Webhooks 1.0.0, versions v1 and v1a; `prefix` is what its three header names begin with. */
export function standardScheme({ id, title, prefix }: { id: string; title: string; prefix: string }): Scheme {
  const names = { id: `${prefix}-id`, timestamp: `${prefix}-timestamp`, signature: `${prefix}-signature` };
  return {
    id,
    title,
    headers: [names.signature, names.timestamp, names.id],
    algorithms: ['sha256', 'ed25519'],
    encoding: 'base64',
    signsUrl: false,
    clock: { toleranceSeconds: FIVE_MINUTES, isBothWays: true },
    read({ headers }) {
      const messageId = readHeader(headers, names.id);
      if (!('value' in messageId)) return messageId;
      if (messageId.value.includes('.')) {
        return unreadable('header_malformed', `the header ${names.id} contains a dot`, names.id);
      }
      const timestamp = readSeconds(headers, names.timestamp);
      if (!('value' in timestamp)) return timestamp;
      const list = readHeader(headers, names.signature);
      if (!('value' in list)) return list;
      const signatures = readList(list.value, names.signature);
      if (!Array.isArray(signatures)) return signatures;
      return {
        ok: true,
        id: messageId.value,
        timestamp: timestamp.value,
        signatures,
        signed: (parts) => [joinBytes(`${messageId.value}.${parts.timestamp}.`, parts.body)],
      };
    },
    keyOf,
    joinSignatures: (values) => values.join(' '),
    sign({ body, secret, id: messageId, timestamp }) {
      if (messageId === '' || messageId.includes('.')) {
        throw new RangeError('a webhook id must not be empty or contain a dot');
      }
      const head = `${messageId}.${seconds(timestamp)}.`;
      return {
        [names.id]: messageId,
        [names.timestamp]: String(timestamp),
        [names.signature]: secret.startsWith('whsk_')
          ? `v1a,${signEd25519(null, joinBytes(head, body), privateKey(secret)).toString('base64')}`
          : `v1,${digest('sha256', symmetricKey(secret), [head, body]).toString('base64')}`,
      };
    },
  };
}

/** The well-formed v1 and v1a signatures of the list; other versions are skipped, as the specification asks. */
function readList(value: string, header: string): Signature[] | Unreadable {
  const found: Signature[] = [];
  let isKnown = false;
  let isOther = false;
  for (const entry of value.split(' ').filter((part) => part !== '')) {
    const comma = entry.indexOf(',');
    if (comma < 1) continue;
    const version = entry.slice(0, comma);
    const algorithm = version === 'v1' ? 'sha256' : version === 'v1a' ? 'ed25519' : null;
    if (algorithm === null) {
      isOther = true;
      continue;
    }
    isKnown = true;
    const bytes = decodeDigest(entry.slice(comma + 1), 'base64', algorithm);
    if (bytes !== null) found.push({ algorithm, bytes });
  }
  if (found.length > 0) return found;
  if (isKnown) {
    return unreadable(
      'header_malformed',
      `the header ${header} has no v1 signature of 32 bytes in base64`,
      header,
    );
  }
  if (isOther) return unreadable('unknown_version', 'no signature has version v1 or v1a', header);
  return unreadable('header_malformed', `the header ${header} is not a list of "v1,<base64>"`, header);
}

function keyOf(secret: string): VerifyKey {
  if (secret.startsWith('whpk_')) return { kind: 'ed25519', key: publicKey(secret) };
  if (secret.startsWith('whsk_')) return { kind: 'ed25519', key: createPublicKey(privateKey(secret)) };
  return { kind: 'hmac', bytes: symmetricKey(secret) };
}

function symmetricKey(secret: string): Uint8Array {
  try {
    return decodeSecret(secret);
  } catch (error) {
    if (error instanceof SecretError) throw new KeyError(error.message);
    throw error;
  }
}

/** `whpk_` and the 32 bytes of the key in base64. */
function publicKey(secret: string): ReturnType<typeof createPublicKey> {
  const bytes = Buffer.from(secret.slice('whpk_'.length), 'base64');
  if (bytes.length !== SEED_BYTES) throw new KeyError('the ed25519 public key is not 32 bytes in base64');
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: 'der', type: 'spki' });
}

/** `whsk_` and the seed, followed by the public key, in base64. */
function privateKey(secret: string): ReturnType<typeof createPrivateKey> {
  const bytes = Buffer.from(secret.slice('whsk_'.length), 'base64');
  if (bytes.length !== 2 * SEED_BYTES)
    throw new KeyError('the ed25519 private key is not 64 bytes in base64');
  return createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, bytes.subarray(0, SEED_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  });
}
