// `import { verify } from 'evtgen/verify'`: signatures of received webhooks checked by code.
import type { Cause, CauseCode } from './causes.ts';
import { schemeOf } from './choose-scheme.ts';
import { hmacScheme, type HmacParts } from './schemes/hmac.ts';
import { schemes } from './schemes/index.ts';
import { KeyError, type Scheme } from './schemes/scheme.ts';
import { signatureHeaders } from './signature-headers.ts';
import { judge, type Verdict } from './verdict.ts';

export type { Cause, CauseCode, HmacParts, Verdict };
export { KeyError };

/** Schemes with a name. */
export type SchemeName =
  | 'standard'
  | 'svix'
  | 'stripe'
  | 'github'
  | 'slack'
  | 'shopify'
  | 'twilio'
  | 'square'
  | 'convoy'
  | 'outpost'
  | 'hook0';

/** A web `Headers`, or a record as node:http gives it; names in any case. */
export type HeaderSource =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyInput {
  readonly headers: HeaderSource;
  /** The body exactly as it came over the wire, before any parsing. */
  readonly body: Uint8Array;
  /** Any one of them may match; two are current during a rotation. */
  readonly secrets: readonly string[];
  /** By the headers when left out. */
  readonly scheme?: SchemeName | HmacParts | undefined;
  /** Absolute, as the sender has it; for schemes that sign it. */
  readonly url?: string | undefined;
  /** What the provider's own library allows when left out. */
  readonly toleranceSeconds?: number | undefined;
  /** The receiver's clock, in Unix seconds; now when left out. */
  readonly nowSeconds?: number | undefined;
  /**
   * Whether to look for the cause of a mismatch. Default: true, which may cost a tenth of a second or two: false for
   * what the world can reach.
   */
  readonly diagnose?: boolean | undefined;
}

/** Of the search for a cause. */
const EFFORT_BYTES = 100_000_000;

/**
 * Checks a received webhook and says why it fails. Compares in constant time; looking for a cause takes longer than
 * a match, so answer all failures alike where the time of an answer matters.
 * @throws KeyError when no secret can be used; RangeError when there is none, for a scheme that is not known and for
 * a clock or tolerance that is no number; TypeError for a body that is no bytes.
 */
export function verify(input: VerifyInput): Verdict {
  if (input.secrets.length === 0) throw new RangeError('verifying needs at least one secret');
  if (!ArrayBuffer.isView(input.body)) {
    throw new TypeError(
      'the body must be the bytes as they came (Uint8Array, Buffer), before anything parses them',
    );
  }
  // JavaScript hands on a variable of the environment that is not set.
  if (!input.secrets.every((secret) => typeof secret === 'string')) throw new KeyError('a secret is not set');
  const headers = fieldsOf(input.headers);
  return judge({
    message: {
      headers,
      body: input.body,
      announcedBytes: undefined,
      overlong: undefined,
      method: 'POST',
      url: input.url,
      receivedAt: undefined,
    },
    scheme: schemeOf(headers, input.scheme === undefined ? null : named(input.scheme)),
    secrets: input.secrets,
    toleranceSeconds: input.toleranceSeconds,
    nowSeconds: input.nowSeconds ?? Math.floor(Date.now() / 1000),
    effortBytes: input.diagnose === false ? 0 : EFFORT_BYTES,
  });
}

export interface SignInput {
  /** The exact bytes that are sent. */
  readonly body: Uint8Array;
  readonly secrets: readonly string[];
  readonly scheme?: SchemeName | HmacParts | undefined;
  /** For schemes that have one; the same on every retry. */
  readonly id?: string | undefined;
  /** Unix seconds; now when left out. */
  readonly timestamp?: number | undefined;
  /** For schemes that sign it. Twilio: a body that is no form goes to this URL with `bodySHA256` in its query. */
  readonly url?: string | undefined;
}

/**
 * The headers of a signed message, by name in lower case; Standard Webhooks unless another scheme is named.
 * @throws KeyError when a secret cannot be used; RangeError for an id or time that cannot be signed.
 */
export function sign(input: SignInput): Record<string, string> {
  const { body, id = '', url } = input;
  const timestamp = input.timestamp ?? Math.floor(Date.now() / 1000);
  return signatureHeaders(named(input.scheme ?? 'standard'), { body, id, timestamp, url }, input.secrets);
}

function named(scheme: SchemeName | HmacParts): Scheme {
  if (typeof scheme !== 'string') return hmacScheme(scheme);
  const found = schemes.find(({ id }) => id === scheme);
  if (found === undefined) throw new RangeError(`there is no scheme "${scheme}"`);
  return found;
}

function fieldsOf(source: HeaderSource): Record<string, readonly string[]> {
  const pairs = Symbol.iterator in source ? [...source] : Object.entries(source);
  const fields = new Map<string, readonly string[]>();
  for (const [name, value] of pairs) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    fields.set(key, [...(fields.get(key) ?? []), ...(typeof value === 'string' ? [value] : value)]);
  }
  return Object.fromEntries(fields);
}
