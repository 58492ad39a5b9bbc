import type { KeyObject } from 'node:crypto';
import type { Message } from '../message.ts';

/** A hash for HMAC, or ed25519. */
export type Algorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'ed25519';

/** How the bytes of a signature or a key are written. */
export type Encoding = 'hex' | 'base64' | 'base64url';

/** What checks a signature: the bytes of an HMAC key, or a public ed25519 key. */
export type VerifyKey =
  | { readonly kind: 'hmac'; readonly bytes: Uint8Array }
  | { readonly kind: 'ed25519'; readonly key: KeyObject };

export interface Signature {
  readonly algorithm: Algorithm;
  readonly bytes: Uint8Array;
}

/** What is signed beside the headers; each may be varied to find out what went wrong. */
export interface SignedParts {
  readonly body: Uint8Array;
  /** Absolute; empty where the scheme does not sign it. */
  readonly url: string;
  /** As it stands in the header; empty where the scheme has none. */
  readonly timestamp: string;
}

/** The headers of a message, read by a scheme. */
export interface Reading {
  readonly ok: true;
  /** Key to drop repeats by, where the scheme has one. */
  readonly id: string | null;
  /** Digits as they stand in the header; null where the scheme signs no time. */
  readonly timestamp: string | null;
  /** Those of a version that can be checked; any one may match. */
  readonly signatures: readonly Signature[];
  /** The byte strings over which a signature may be made. */
  signed(parts: SignedParts): readonly Uint8Array[];
}

/** Headers that cannot be read. */
export interface Unreadable {
  readonly ok: false;
  readonly code:
    | 'header_missing'
    | 'header_malformed'
    | 'header_duplicated'
    | 'unknown_version'
    | 'url_missing';
  /** A sentence without the final stop. */
  readonly message: string;
  readonly header: string | null;
}

/** A secret that a scheme cannot use. The problem never contains the secret. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

export interface SignRequest {
  readonly body: Uint8Array;
  readonly secret: string;
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Where the message goes; schemes that sign it refuse to sign without. */
  readonly url: string | undefined;
}

/** How far a timestamp may be off, by what the provider's own library does. */
export interface ClockRule {
  readonly toleranceSeconds: number;
  /** A timestamp of the future is refused too. */
  readonly isBothWays: boolean;
}

/** One provider's way to sign. Each is one file, listed in `index.ts`. */
export interface Scheme {
  readonly id: string;
  readonly title: string;
  /** Lower-case names of its headers, the one that holds the signature first: they tell it from others. */
  readonly headers: readonly string[];
  /** With which it signs. */
  readonly algorithms: readonly Algorithm[];
  /** How it writes a signature. */
  readonly encoding: Encoding;
  readonly signsUrl: boolean;
  /** Null where no time is signed. */
  readonly clock: ClockRule | null;
  read(message: Message): Reading | Unreadable;
  /**
   * What is signed, whatever the signature header looks like, where it is no string that other schemes sign too;
   * null where a part of it is missing.
   */
  signedText?(message: Message): Uint8Array | null;
  /** Where a message must go: the URL with what the scheme puts into it. */
  targetUrl?(url: string, body: Uint8Array): string;
  /** @throws KeyError */
  keyOf(secret: string): VerifyKey;
  /**
   * The headers of a message signed so.
   * @throws KeyError, or RangeError for an id or time that cannot be signed.
   */
  sign(request: SignRequest): Record<string, string>;
  /** One value out of several secrets' values of the signature header; absent where one signature is all it holds. */
  joinSignatures?(values: readonly string[]): string;
}
