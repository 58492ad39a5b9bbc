import { createHmac, timingSafeEqual, verify as verifyEd25519 } from 'node:crypto';
import type { Reading, Signature, SignedParts, VerifyKey } from './schemes/scheme.ts';

/** Whether any signature of a message is one of these keys over these parts. Compares in constant time. */
export function matches(reading: Reading, key: VerifyKey, parts: SignedParts): boolean {
  return reading.signed(parts).some((signed) => reading.signatures.some((one) => isOver(one, key, signed)));
}

/** Whether a signature is a key's over exactly these bytes. */
export function isOver(signature: Signature, key: VerifyKey, signed: Uint8Array): boolean {
  if (signature.algorithm === 'ed25519') {
    return key.kind === 'ed25519' && verifyEd25519(null, signed, key.key, signature.bytes);
  }
  if (key.kind !== 'hmac') return false;
  const expected = createHmac(signature.algorithm, key.bytes).update(signed).digest();
  return expected.length === signature.bytes.length && timingSafeEqual(expected, signature.bytes);
}
